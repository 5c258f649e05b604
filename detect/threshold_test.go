package detect_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/detect"
)

func TestThresholdsFollowTheirRules(t *testing.T) {
	scores := make([]float64, 101)
	for i := range scores {
		scores[(i*37)%101] = float64(i)
	}
	at, err := detect.Percentile(scores, .995)
	require.NoError(t, err)
	require.InDelta(t, 99.5, at, 1e-9)
	at, err = detect.Contamination(scores, .05)
	require.NoError(t, err)
	above := 0
	for _, a := range detect.Above(scores, at) {
		if a {
			above++
		}
	}
	require.Equal(t, 5, above)
	at, err = detect.RobustDeviation(scores, 3)
	require.NoError(t, err)
	require.InDelta(t, 50+3*1.4826*25, at, 1e-9)
	scores[3] = 1e9
	moved, err := detect.RobustDeviation(scores, 3)
	require.NoError(t, err)
	require.InDelta(t, at, moved, 5)

	_, err = detect.RobustDeviation([]float64{1, 1, 1, 5}, 3)
	require.ErrorContains(t, err, "half of the 4 scores are 1")
	_, err = detect.Percentile(nil, .5)
	require.ErrorContains(t, err, "no scores")
	_, err = detect.Percentile([]float64{1, math.NaN()}, .5)
	require.ErrorContains(t, err, "score 1 is NaN")
	_, err = detect.Percentile(scores, 99)
	require.ErrorContains(t, err, "want 0 to 1")
	_, err = detect.Contamination(scores, .9)
	require.ErrorContains(t, err, "want 0 to 0.5")
	_, err = detect.RobustDeviation(scores, -1)
	require.ErrorContains(t, err, "above 0")
}

func TestACalibrationIsSureOfExtremesAndRejectsWhatIsNear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	scores := make([]float64, 500)
	for i := range scores {
		scores[i] = math.Abs(r.NormFloat64())
	}
	threshold, err := detect.Contamination(scores, .1)
	require.NoError(t, err)
	c, err := detect.Calibrate(scores, threshold)
	require.NoError(t, err)
	require.Zero(t, c.Probability(0))
	require.InDelta(t, 1, c.Probability(100), 1e-9)
	require.Greater(t, c.Probability(2.5), c.Probability(1.5))
	require.Greater(t, c.Confidence(10), .999)
	require.Greater(t, c.Confidence(0), .999)
	require.Less(t, c.Confidence(threshold), .7)
	require.Equal(t, detect.Anomaly, c.Decide(10, .9))
	require.Equal(t, detect.Normal, c.Decide(0, .9))
	require.Equal(t, detect.Rejected, c.Decide(threshold, .9))
	require.NotEqual(t, detect.Rejected, c.Decide(threshold, 0))
	_, err = detect.Calibrate(scores, math.NaN())
	require.ErrorContains(t, err, "NaN")
	require.Zero(t, (&detect.Calibration{}).Probability(1))
	require.True(t, math.IsNaN((&detect.Calibration{}).Confidence(1)))
}

func TestProbabilitiesByLabelsAreFrequencies(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	scores, anomaly := make([]float64, 4000), make([]bool, 4000)
	for i := range scores {
		scores[i] = 10 * r.Float64()
		anomaly[i] = r.Float64() < 1/(1+math.Exp(6-scores[i]))
	}
	c, err := detect.CalibrateByLabels(scores, anomaly)
	require.NoError(t, err)
	require.InDelta(t, 6, c.Threshold, .3)
	for _, s := range []float64{3, 5, 6, 8} {
		require.InDelta(t, 1/(1+math.Exp(6-s)), c.Probability(s), .06)
	}
	_, err = detect.CalibrateByLabels(scores, make([]bool, 4000))
	require.ErrorContains(t, err, "one class")
	_, err = detect.CalibrateByLabels(scores, nil)
	require.ErrorContains(t, err, "4000 scores and 0 labels")
	for i := range anomaly {
		anomaly[i] = !anomaly[i]
	}
	_, err = detect.CalibrateByLabels(scores, anomaly)
	require.ErrorContains(t, err, "do not score higher")
}

func TestLabelsSayWhichClassIsNormal(t *testing.T) {
	read := func(text string) data.Set {
		frame, err := data.ReadCSV(strings.NewReader(text), "t.csv", data.CSVOptions{Label: "y"})
		require.NoError(t, err)
		return frame
	}
	for _, c := range []struct {
		text   string
		normal []string
		want   []bool
		wrong  string
	}{
		{text: "a,y\n1,0\n2,1\n", want: []bool{false, true}},
		{text: "a,y\n1,Normal\n2,fraud\n", want: []bool{false, true}},
		{text: "a,y\n1,false\n2,true\n", want: []bool{false, true}},
		{text: "a,y\n1,good\n2,fraud\n3,theft\n", normal: []string{"good"}, want: []bool{false, true, true}},
		{text: "a,y\n1,good\n2,fraud\n", wrong: "none is evidently normal"},
		{text: "a,y\n1,1\n2,2\n", wrong: "none is evidently normal"},
		{text: "a,y\n1,0\n2,1\n3,2\n", wrong: "none is evidently normal"},
		{text: "a,y\n1,good\n2,fraud\n", normal: []string{"fine"}, wrong: `there is no class "fine"`},
	} {
		got, err := detect.Labels(read(c.text), c.normal...)
		if c.wrong != "" {
			require.ErrorContains(t, err, c.wrong)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	set, err := data.Table(data.Array{Shape: []int{1}, Values: []float32{1, 2}}, data.Array{})
	require.NoError(t, err)
	_, err = detect.Labels(set)
	require.ErrorContains(t, err, "label")
}

func TestOneClassHasNoROCAUC(t *testing.T) {
	for _, anomaly := range [][]bool{{true, true}, {false, false}} {
		_, err := detect.Evaluate([]float64{1, 2}, anomaly)
		require.ErrorContains(t, err, "all 2 rows are of one class, so ROC-AUC and precision are not defined")
	}
	_, err := detect.Evaluate([]float64{1}, []bool{true, false})
	require.ErrorContains(t, err, "1 scores and 2 labels")
	q, err := detect.Evaluate([]float64{1, 2, 3}, []bool{false, false, true})
	require.NoError(t, err)
	require.Equal(t, "1 of 3 rows: ROC-AUC 1.000, AP 1.000, P@n 1.000", q.String())
}

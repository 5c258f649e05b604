package series_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/detect/series"
)

// waves returns n points of a wave of 25, with an hour between them. From point n-60 on, 20
// are flat.
func waves(n int) ([]float64, []time.Time) {
	values, times := make([]float64, n), make([]time.Time, n)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range values {
		values[i] = 20 + 5*math.Sin(2*math.Pi*float64(i)/25) + .2*math.Sin(float64(i*i))
		if i >= n-60 && i < n-40 {
			values[i] = 21
		}
		times[i] = start.Add(time.Duration(i) * time.Hour)
	}
	return values, times
}

func small(kind series.Kind) series.Detector {
	return series.Detector{Kind: kind, Window: 25, Epochs: 15, Batch: 32, Rate: 5e-3}
}

func TestEachNetFindsWhatBreaksTheWave(t *testing.T) {
	values, times := waves(600)
	s, err := series.New(values, series.Options{Times: times})
	require.NoError(t, err)
	known, err := s.First(400)
	require.NoError(t, err)
	for _, kind := range []series.Kind{series.Dense, series.Conv, series.LSTM} {
		for _, scaling := range []series.Scaling{series.BySeries, series.ByWindow} {
			t.Run(fmt.Sprint(kind, " ", scaling), func(t *testing.T) {
				d := small(kind)
				d.Scaling = scaling
				m, err := d.Fit(t.Context(), known, detect.Options{Seed: 1})
				require.NoError(t, err)
				defer m.Close()
				scores, err := m.Score(s)
				require.NoError(t, err)
				require.Len(t, scores, 600)
				strangest := 0
				for i, v := range scores {
					require.False(t, math.IsNaN(v))
					if v > scores[strangest] {
						strangest = i
					}
				}
				require.InDelta(t, 550, strangest, 20)
			})
		}
	}
}

func TestOnlineNeedsNoLaterPointAndNoTraining(t *testing.T) {
	values, times := waves(300)
	s, err := series.New(values, series.Options{Times: times})
	require.NoError(t, err)
	m, err := small(series.Dense).Fit(t.Context(), s, detect.Options{Seed: 1})
	require.NoError(t, err)
	defer m.Close()
	o := m.Online()
	for i, v := range values[:200] {
		score, ok, err := o.NextAt(times[i], v, 2*time.Hour)
		require.NoError(t, err)
		require.Equal(t, i >= 24, ok)
		if !ok || i%20 != 0 {
			continue
		}
		window, err := series.New(values[i-24:i+1], series.Options{})
		require.NoError(t, err)
		want, err := m.Score(window) // one window: its error
		require.NoError(t, err)
		require.InDelta(t, want[24], score, 1e-6*want[24])
	}
	_, _, err = o.NextAt(times[198], 1, 0)
	require.ErrorContains(t, err, "point 201: its time 2026-01-09 06:00:00 is before 2026-01-09 07:00:00")
	_, _, err = o.NextAt(times[199], 1, 0)
	require.ErrorContains(t, err, "is that of the point before")
	_, _, err = o.NextAt(times[200], math.NaN(), 0)
	require.ErrorContains(t, err, "point 201: the value is NaN")
	_, ok, err := o.NextAt(times[200], 20, 2*time.Hour)
	require.NoError(t, err)
	require.True(t, ok, "points with errors do not count")
	_, ok, err = o.NextAt(times[250], 20, 2*time.Hour)
	require.NoError(t, err)
	require.False(t, ok, "after a gap the window begins anew")
	_, _, err = (*series.Online)(nil).Next(1)
	require.ErrorContains(t, err, "no stream")
}

func TestIrregularTimesAreErrorsThatNameTheRow(t *testing.T) {
	values, times := waves(100)
	back, repeat, gap := clone(times), clone(times), clone(times)
	back[50] = times[45]
	repeat[50] = times[49]
	for i := 50; i < 100; i++ {
		gap[i] = times[i].Add(5 * time.Hour)
	}
	for _, c := range []struct {
		times []time.Time
		want  string
	}{
		{back, "t.csv: row 51: its time 2026-01-02 21:00:00 is before 2026-01-03 01:00:00, that of row 50"},
		{repeat, "t.csv: row 51: its time 2026-01-03 01:00:00 is that of row 50"},
		{gap, "t.csv: row 51: its time 2026-01-03 07:00:00 is 6h0m0s after row 50, a gap: the longest step is 1h30m0s"},
		{times[:7], "7 times for 100 values"},
	} {
		_, err := series.New(values, series.Options{File: "t.csv", Times: c.times})
		require.ErrorContains(t, err, c.want)
	}
	known, err := series.New(values, series.Options{})
	require.NoError(t, err)
	m, err := small(series.Dense).Fit(t.Context(), known, detect.Options{})
	require.NoError(t, err)
	defer m.Close()
	for _, times := range [][]time.Time{back, repeat, gap} {
		s, err := series.New(values, series.Options{Times: times, Irregular: series.Mend})
		require.NoError(t, err)
		scores, err := m.Score(s)
		require.NoError(t, err)
		require.Len(t, scores, 100)
		for _, v := range scores {
			require.False(t, math.IsNaN(v))
		}
		_, err = series.New(values, series.Options{Times: times, Irregular: series.Ignore})
		require.NoError(t, err)
	}
	_, err = series.New(values, series.Options{Irregular: "guess"})
	require.ErrorContains(t, err, `Irregular is "guess"`)
	_, err = series.New(nil, series.Options{})
	require.ErrorContains(t, err, "no points")
	_, err = series.New([]float64{1, math.Inf(1)}, series.Options{File: "t.csv"})
	require.ErrorContains(t, err, "t.csv: row 2: the value is +Inf")
}

func clone(times []time.Time) []time.Time { return append([]time.Time(nil), times...) }

func TestSeriesThatCannotBeLearnedAreErrors(t *testing.T) {
	values, _ := waves(20)
	short, err := series.New(values, series.Options{File: "t.csv"})
	require.NoError(t, err)
	_, err = series.Detector{}.Fit(t.Context(), short, detect.Options{})
	require.ErrorContains(t, err, "a window has 100 points, but the longest stretch of t.csv without a gap has 20: set a shorter Window")
	flat, err := series.New(make([]float64, 200), series.Options{})
	require.NoError(t, err)
	_, err = series.Detector{}.Fit(t.Context(), flat, detect.Options{})
	require.ErrorContains(t, err, "nothing to learn")
	_, err = series.Detector{}.Fit(t.Context(), nil, detect.Options{})
	require.Error(t, err)
	//lint:ignore SA1012 an error is wanted
	_, err = series.Detector{}.Fit(nil, flat, detect.Options{})
	require.ErrorContains(t, err, "no context")
	for _, d := range []series.Detector{{Kind: "gru"}, {Scaling: "log"}, {Window: 3}, {Epochs: -1}, {Rate: -1}, {Code: -1}, {Batch: -1}, {Dropout: 2}} {
		_, err := d.Fit(t.Context(), flat, detect.Options{})
		require.Error(t, err, "%+v", d)
	}
	_, err = short.First(21)
	require.ErrorContains(t, err, "the first 21 points of 20")
}

func TestTheSameSeedGivesTheSameScores(t *testing.T) {
	values, _ := waves(200)
	s, err := series.New(values, series.Options{})
	require.NoError(t, err)
	var first []float64
	for _, processors := range []int{1, 3} {
		before := runtime.GOMAXPROCS(processors)
		m, err := small(series.Conv).Fit(t.Context(), s, detect.Options{Seed: 3})
		require.NoError(t, err)
		scores, err := m.Score(s)
		runtime.GOMAXPROCS(before)
		require.NoError(t, err)
		require.NoError(t, m.Close())
		if first == nil {
			first = scores
		}
		require.Equal(t, first, scores)
	}
}

func TestOneEventIsOneAlarm(t *testing.T) {
	var l series.Likelihood
	alarms := 0
	for i := range 2000 {
		score := 1 + .1*math.Sin(float64(i*i))
		if i >= 1500 && i < 1550 {
			score = 3
		}
		surprise, alarm := l.Next(score)
		if alarm >= 4 {
			alarms++
			require.GreaterOrEqual(t, surprise, alarm)
			require.InDelta(t, 1500, i, 10)
		}
	}
	require.Positive(t, alarms)
	require.Less(t, alarms, 6)
}

func TestThePeriodIsThatOfTheWave(t *testing.T) {
	values, _ := waves(2000)
	require.Equal(t, 25, series.Period(values)%25+25)
	require.Equal(t, 125, series.Period(make([]float64, 500)))
	require.Equal(t, 125, series.Period(nil))
	require.Equal(t, 125, series.Period([]float64{1, 2, 1}))
}

const file = "timestamp,value\n2026-01-01 00:00:00,1.5\n2026-01-01 00:05:00,2.5\n2026-01-01 00:10:00,-3\n"

func TestFilesAreReadAndWrongOnesNameLineAndColumn(t *testing.T) {
	s, err := series.ReadCSV(strings.NewReader(file), "t.csv", series.CSVOptions{Time: "timestamp"})
	require.NoError(t, err)
	require.Equal(t, []float64{1.5, 2.5, -3}, s.Values())
	require.Equal(t, time.Date(2026, 1, 1, 0, 5, 0, 0, time.UTC), s.Times()[1])
	for _, c := range []struct {
		text, want string
		o          series.CSVOptions
	}{
		{"", "t.csv is empty", series.CSVOptions{}},
		{"a,b\n1,2\n", `name that of the values`, series.CSVOptions{}},
		{"a,b\n1,2\n", `there is no column "v" of values; the columns are ["a" "b"]`, series.CSVOptions{Value: "v"}},
		{"a,b\n1,2\n", `there is no column "t" of times`, series.CSVOptions{Time: "t"}},
		{"t,v\n2026-01-01,1\n2026-01-02,x\n", `t.csv: line 3, column "v": "x" is not a finite number`, series.CSVOptions{Time: "t"}},
		{"t,v\n2026-01-01,1\n2026-01-02,NaN\n", `t.csv: line 3, column "v": "NaN" is not a finite number`, series.CSVOptions{Time: "t"}},
		{"t,v\n2026-01-01,1\nmonday,2\n", `t.csv: line 3, column "t": "monday" is not a time`, series.CSVOptions{Time: "t"}},
		{"t,v\n2026-01-01,1\n", `is not a time of the layout "02.01.2006"`, series.CSVOptions{Time: "t", Layout: "02.01.2006"}},
		{"t,v\n1,1\n2,2\n1,3\n", `row 3: its time`, series.CSVOptions{Time: "t"}},
		{"t,v\n1,1,5\n", `t.csv: record on line 2`, series.CSVOptions{Time: "t"}},
		{"v\n", `no points`, series.CSVOptions{}},
	} {
		_, err := series.ReadCSV(strings.NewReader(c.text), "t.csv", c.o)
		require.ErrorContains(t, err, c.want)
	}
	_, err = series.OpenCSV("nowhere.csv", series.CSVOptions{})
	require.ErrorContains(t, err, "nowhere.csv")
	_, err = series.ReadCSV(nil, "t.csv", series.CSVOptions{})
	require.ErrorContains(t, err, "no reader")
}

func TestLabelsAreIntervals(t *testing.T) {
	s, err := series.ReadCSV(strings.NewReader(file), "t.csv", series.CSVOptions{Time: "timestamp"})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "labels.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"a/t.csv": [["2026-01-01 00:05:00.000000", "2026-01-01 00:07:00"]], "b/t.csv": []}`), 0o600))
	intervals, err := series.OpenLabels(path, "a/t.csv")
	require.NoError(t, err)
	in, err := s.Within(intervals)
	require.NoError(t, err)
	require.Equal(t, []bool{false, true, false}, in)
	_, err = series.OpenLabels(path, "t.csv")
	require.ErrorContains(t, err, `labels.json: 2 of its 2 entries are for "t.csv"`)
	for text, want := range map[string]string{
		`[["2026-01-01"]]`:               "interval 1 has 1 times",
		`[["2026-01-02", "2026-01-01"]]`: "before it begins",
		`[["monday", "2026-01-01"]]`:     `"monday" is not a time`,
		`7`:                              "want a list of pairs",
	} {
		_, err := series.ParseLabels([]byte(text), "")
		require.ErrorContains(t, err, want)
	}
	untimed, err := series.New([]float64{1, 2}, series.Options{})
	require.NoError(t, err)
	_, err = untimed.Within(intervals)
	require.ErrorContains(t, err, "no times")
}

func FuzzReadCSV(f *testing.F) {
	f.Add(file, "timestamp")
	f.Add("v\n1\n", "")
	f.Fuzz(func(t *testing.T, text, column string) {
		s, err := series.ReadCSV(strings.NewReader(text), "t.csv", series.CSVOptions{Time: column})
		if err == nil && s.Len() == 0 {
			t.Fatal("no points and no error")
		}
	})
}

func FuzzParseLabels(f *testing.F) {
	f.Add([]byte(`[["2026-01-01", "2026-01-02"]]`), "")
	f.Add([]byte(`{"a": [["1", "2"]]}`), "a")
	f.Fuzz(func(t *testing.T, raw []byte, key string) {
		intervals, err := series.ParseLabels(raw, key)
		for _, v := range intervals {
			if err == nil && v.To.Before(v.From) {
				t.Fatal(v)
			}
		}
	})
}

package series

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/metrics"
)

var (
	kinds = flag.String("kinds", "dense,conv,lstm", "the nets that TestVUSPROfNAB trains")
	seeds = flag.Int("seeds", 1, "how often TestVUSPROfNAB and TestNABScore train each net")
)

// nabFolder is the folder of NAB's series, or the test is skipped.
func nabFolder(t *testing.T) string {
	dir := os.Getenv("STHENO_DATA")
	if dir == "" || os.Getenv("STHENO_FIGURES") == "" {
		t.Skip("set STHENO_DATA to the folder that holds timeseries/nab, and STHENO_FIGURES=1: minutes of training")
	}
	return filepath.Join(dir, "timeseries", "nab")
}

// ofTSBAD are the series of TSB-AD that can be made from NAB's files, and the number of
// points to learn from.
var ofTSBAD = []struct {
	file  string
	known int
}{
	{"realKnownCause/ec2_request_latency_system_failure.csv", 1007},
	{"realTraffic/occupancy_6005.csv", 594},
	{"realKnownCause/nyc_taxi.csv", 2579},
	{"artificialWithAnomaly/art_load_balancer_spikes.csv", 1007},
	{"realTraffic/TravelTime_451.csv", 500},
	{"realTraffic/speed_t4013.csv", 623},
	{"realAdExchange/exchange-3_cpm_results.csv", 500},
	{"realKnownCause/ambient_temperature_system_failure.csv", 1816},
	{"artificialWithAnomaly/art_increase_spike_density.csv", 1007},
	{"realKnownCause/rogue_agent_key_hold.csv", 500},
	{"realAWSCloudwatch/ec2_cpu_utilization_5f5533.csv", 1007},
	{"realKnownCause/cpu_utilization_asg_misconfiguration.csv", 4512},
	{"realTweets/Twitter_volume_FB.csv", 3958},
	{"realTraffic/speed_6005.csv", 624},
}

// asInTSBAD returns a series as TSB-AD has it: without the first row, and with labels
// from after the start of a window to its end.
func asInTSBAD(t *testing.T, dir, file string) (*Series, []bool) {
	s, err := OpenCSV(filepath.Join(dir, file), CSVOptions{Time: "timestamp", Value: "value", Irregular: Ignore})
	require.NoError(t, err)
	intervals, err := OpenLabels(filepath.Join(dir, "labels", "combined_windows.json"), file)
	require.NoError(t, err)
	for i := range intervals {
		intervals[i].From = intervals[i].From.Add(time.Nanosecond)
	}
	anomaly, err := s.Within(intervals)
	require.NoError(t, err)
	rest, err := New(s.Values()[1:], Options{File: file})
	require.NoError(t, err)
	return rest, anomaly[1:]
}

// TestVUSPROfNAB prints the VUS-PR of each kind of net on the series of NAB that TSB-AD
// has, learned from as many first points as there:
//
//	STHENO_DATA=DIR STHENO_FIGURES=1 go test ./detect/series -run 'VUSPROfNAB|NABScore' -v -timeout 1h -seeds 5
func TestVUSPROfNAB(t *testing.T) {
	dir := nabFolder(t)
	for _, d := range []Detector{{Kind: Dense}, {Kind: Conv}, {Kind: LSTM}} {
		if !contains(*kinds, string(d.Kind)) {
			continue
		}
		mean, start := 0.0, time.Now()
		for k, c := range ofTSBAD {
			s, anomaly := asInTSBAD(t, dir, c.file)
			known, err := s.First(c.known)
			require.NoError(t, err)
			vus := 0.0
			for seed := range *seeds {
				m, err := d.Fit(t.Context(), known, detect.Options{Seed: uint64(seed) + 1, Backend: cpu.Config{Threads: 1}})
				require.NoError(t, err)
				scores, err := m.Score(s)
				require.NoError(t, err)
				v, err := metrics.VUSPR(scores, anomaly, Period(s.Values()))
				require.NoError(t, err)
				vus += v / float64(*seeds)
				require.NoError(t, m.Close())
			}
			fmt.Printf("%-5s %-60s %.3f\n", d.Kind, c.file, vus)
			mean += (vus - mean) / float64(k+1)
		}
		fmt.Printf("%-5s mean VUS-PR of %d series, %d seeds: %.4f in %.0f s\n", d.Kind, len(ofTSBAD), *seeds, mean, time.Since(start).Seconds())
	}
}

// onlineAlarms are the alarms of the points of a series, by a net that learned from its
// first known ones.
func onlineAlarms(t *testing.T, d Detector, s *Series, known int, seed uint64) []float64 {
	first, err := s.First(known)
	require.NoError(t, err)
	m, err := d.Fit(t.Context(), first, detect.Options{Seed: seed, Backend: cpu.Config{Threads: 1}})
	require.NoError(t, err)
	defer m.Close()
	alarms := make([]float64, s.Len())
	o, l := m.Online(), Likelihood{}
	for i, v := range s.values {
		score, ok, err := o.Next(v)
		require.NoError(t, err)
		if ok {
			_, alarms[i] = l.Next(score)
		}
	}
	return alarms
}

// TestNABScore prints the score of NAB for its five series of known causes in $STHENO_DATA.
// The net learns from the first points, in which no alarm counts, and scores the others
// one at a time.
func TestNABScore(t *testing.T) {
	dir := nabFolder(t)
	for seed := range *seeds {
		var all []metrics.NABSeries
		for _, name := range []string{"machine_temperature_system_failure", "nyc_taxi", "ambient_temperature_system_failure", "ec2_request_latency_system_failure", "rogue_agent_key_updown"} {
			file := "realKnownCause/" + name + ".csv"
			s, err := OpenCSV(filepath.Join(dir, file), CSVOptions{Time: "timestamp", Value: "value", Irregular: Ignore})
			require.NoError(t, err)
			intervals, err := OpenLabels(filepath.Join(dir, "labels", "combined_windows.json"), file)
			require.NoError(t, err)
			anomaly, err := s.Within(intervals)
			require.NoError(t, err)
			one := metrics.NABSeries{Name: file, Scores: onlineAlarms(t, Detector{Window: 48}, s, min(s.Len()*15/100, 750), uint64(seed)+1)}
			for i, a := range anomaly {
				if a && (i == 0 || !anomaly[i-1]) {
					one.Windows = append(one.Windows, [2]int{i, i})
				} else if a {
					one.Windows[len(one.Windows)-1][1] = i
				}
			}
			all = append(all, one)
		}
		r, err := metrics.NAB(all, metrics.NABProfile{})
		require.NoError(t, err)
		fmt.Printf("NAB's score, standard profile, five series, seed %d: %.1f at alarms of %g: %d of %d windows, %d false alarms\n", seed+1, r.Score, r.Threshold, r.Found, r.Windows, r.FalsePositives)
	}
}

func contains(list, name string) bool {
	return slices.Contains(strings.Split(list, ","), name)
}

package recipe

import (
	"context"
	"fmt"
	"image"
	"io"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/cluster"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/picture"
)

// Clustering says how clusters are found. The zero value is k-means on the codes.
type Clustering struct {
	// Clusters is their number, at least 2.
	Clusters int
	// Method is "kmeans" or "dec", which trains the encoder further (see cluster.Embedded);
	// "" means kmeans.
	Method string
	// Rounds is the largest number of rounds of dec; 0 means 100.
	Rounds int
	// Keep is the weight of the model's own loss in dec; see cluster.Model.
	Keep float64
	// From are the samples; see Run.Set.
	From string
	Seed uint64
	// Progress gets a line for each round of dec; nil means none.
	Progress io.Writer
}

// The methods of Clustering.
const (
	kMeansMethod   = "kmeans"
	embeddedMethod = "dec"
)

// ClusterMethods are the values of Clustering.Method.
func ClusterMethods() []string { return []string{kMeansMethod, embeddedMethod} }

// Clustered are samples in clusters.
type Clustered struct {
	Method string `json:"method"`
	// Cluster is the cluster of each sample, from 0, and Confidence its probability by
	// Student's t distribution around the centres of the clusters (Xie et al. 2016, eq. 1),
	// in units of the root of the mean squared distance for kmeans.
	Cluster    []int     `json:"cluster"`
	Confidence []float64 `json:"confidence"`
	// Sizes are the numbers of samples of the clusters.
	Sizes []int `json:"sizes"`
	// Rounds is the number of rounds of dec.
	Rounds int `json:"rounds,omitempty"`
	// Agreement compares the clusters with the classes, and that of k-means on the codes and
	// on the samples' values beside it; none if the samples have no classes.
	Agreement []ClusterRow `json:"agreement,omitempty"`

	codes *points
}

// ClusterRow is how well a method's clusters agree with the classes.
type ClusterRow struct {
	Method string `json:"method"`
	cluster.Agreement
}

// valueStarts is the number of starts of k-means on the values of samples, which are many.
const valueStarts = 3

// Cluster finds clusters of samples by their codes.
func (r *Run) Cluster(ctx context.Context, o Clustering) (*Clustered, *Input, error) {
	if o.Method == "" {
		o.Method = kMeansMethod
	}
	if err := oneOf("--method", o.Method, ClusterMethods()...); err != nil {
		return nil, nil, err
	}
	if o.Clusters < 2 {
		return nil, nil, fmt.Errorf("%d clusters: the number of clusters must be at least 2", o.Clusters)
	}
	if o.Method == kMeansMethod && (o.Rounds != 0 || o.Keep != 0) {
		return nil, nil, fmt.Errorf("rounds and keep are settings of the method %s", embeddedMethod)
	}
	if o.Rounds < 0 || !(o.Keep >= 0) || math.IsInf(o.Keep, 0) {
		return nil, nil, fmt.Errorf("%d rounds, keep %g: want finite numbers, at least 0", o.Rounds, o.Keep)
	}
	p, err := r.points(ctx, o.From, 1<<20)
	if err != nil {
		return nil, nil, err
	}
	if o.Clusters > p.n {
		return nil, nil, fmt.Errorf("%d clusters of %d samples, %s: want no more clusters than samples", o.Clusters, p.n, p.in.Where)
	}
	out := &Clustered{Method: o.Method, codes: p}
	plain, err := metrics.KMeans{Clusters: o.Clusters, Seed: o.Seed}.Fit(p.codes, p.dims)
	if err != nil {
		return nil, nil, p.in.blame(err)
	}
	out.Cluster, out.Confidence = plain.Label, studentConfidence(p.codes, p.dims, plain)
	if o.Method == embeddedMethod {
		if err := r.embedded(ctx, o, p, out); err != nil {
			return nil, nil, p.in.blame(err)
		}
	}
	out.Sizes = make([]int, o.Clusters)
	for _, c := range out.Cluster {
		out.Sizes[c]++
	}
	if p.label == nil {
		return out, p.in, nil
	}
	rows := []struct {
		method string
		found  []int
	}{{"k-means on codes", plain.Label}}
	if o.Method == embeddedMethod {
		rows = append(rows[:0], struct {
			method string
			found  []int
		}{"dec", out.Cluster}, rows[0])
	}
	values, err := metrics.KMeans{Clusters: o.Clusters, Seed: o.Seed, Starts: valueStarts}.Fit(p.x, p.width)
	if err != nil {
		return nil, nil, p.in.blame(err)
	}
	rows = append(rows, struct {
		method string
		found  []int
	}{"k-means on values", values.Label})
	for _, row := range rows {
		a, err := cluster.Scores(p.label, row.found)
		if err != nil {
			return nil, nil, p.in.blame(err)
		}
		out.Agreement = append(out.Agreement, ClusterRow{row.method, a})
	}
	return out, p.in, nil
}

// embedded trains a copy of the encoder with the centres. The run's own model stays as it
// is.
func (r *Run) embedded(ctx context.Context, o Clustering, p *points, to *Clustered) error {
	backend, err := r.Recipe.backend()
	if err != nil {
		return err
	}
	ae := withoutNoise(r.Model.Model())
	net := cluster.Model{Autoencoder: ae, Clusters: o.Clusters, Size: p.dims, Keep: o.Keep}
	t := train.Options{Backend: backend, Params: graph.NewParams(graph.Float32, o.Seed), Scalers: r.Model.Scalers()}
	if _, err := train.EvalProgram(ae, 1, t); err != nil { // makes the weights
		return err
	}
	if err := takeOver(t.Params, r.Model.Params()); err != nil {
		return err
	}
	found, err := cluster.Embedded{Rounds: o.Rounds, Seed: o.Seed, Progress: o.Progress, Name: "dec"}.Fit(ctx, ae, net, p.set, t)
	if err != nil {
		return err
	}
	to.Cluster, to.Rounds = found.Cluster, found.Rounds
	for i, c := range found.Cluster {
		to.Confidence[i] = float64(found.Probability[i*o.Clusters+c])
	}
	return nil
}

// studentConfidence is the probability of each point's cluster; see Clustered.Confidence.
func studentConfidence(x []float64, dims int, c *metrics.Clusters) []float64 {
	unit := c.Inertia / float64(len(c.Label))
	if unit == 0 {
		unit = 1
	}
	out := make([]float64, len(c.Label))
	for i, own := range c.Label {
		sum := 0.0
		for j := 0; j*dims < len(c.Centres); j++ {
			square := 0.0
			for k, v := range x[i*dims : (i+1)*dims] {
				d := v - c.Centres[j*dims+k]
				square += d * d
			}
			q := 1 / (1 + square/unit)
			if sum += q; j == own {
				out[i] = q
			}
		}
		out[i] /= sum
	}
	return out
}

// Draw draws a row for each cluster: its samples of the greatest confidence on the left
// half, and of the least on the right.
func (c *Clustered) Draw(shape []int) (image.Image, error) {
	const half = 8
	x, err := data.ArrayOf(c.codes.set, graph.InputX)
	if err != nil {
		return nil, err
	}
	size := graph.Shape(shape).Size()
	rows := make([][]float32, len(c.Sizes))
	for k := range rows {
		var members []int
		for i, own := range c.Cluster {
			if own == k {
				members = append(members, i)
			}
		}
		slices.SortStableFunc(members, func(a, b int) int {
			switch {
			case c.Confidence[a] > c.Confidence[b]:
				return -1
			case c.Confidence[a] < c.Confidence[b]:
				return 1
			}
			return 0
		})
		if n := len(members); n > 2*half {
			members = append(members[:half:half], members[n-half:]...)
		}
		for _, i := range members {
			rows[k] = append(rows[k], x.Values[i*size:(i+1)*size]...)
		}
		rows[k] = append(rows[k], make([]float32, 2*half*size-len(rows[k]))...)
	}
	return picture.Grid(shape, rows...)
}

// DrawClusters draws clusters of pictures; see Clustered.Draw.
func (r *Run) DrawClusters(c *Clustered) (image.Image, error) {
	shape, ok := r.pictureShape(c.codes.width)
	if !ok {
		return nil, fmt.Errorf("%s: the samples are no pictures: leave the picture of the clusters out", c.codes.in.Where)
	}
	return c.Draw(shape)
}

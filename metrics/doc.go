// Package metrics has measures of models: of clusters against classes, of rankings
// against what is relevant, and others. They are plain functions of arrays in float64,
// and know nothing of graphs and models.
package metrics

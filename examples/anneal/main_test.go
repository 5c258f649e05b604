package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the code learns while the KL term is cheap is not lost later: its divergence
// stays above that of a run with the full weight from the first step on.
func TestAnAnnealedCodeCarriesMoreInformation(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(&out, options{data: "digits", samples: 1500, epochs: 4}))
	t.Log(out.String())
	loss, recon, kl := resultOf(t, out.String(), "constant")
	require.InDelta(t, loss, recon+beta*kl, 0.05)
	annealedLoss, annealedRecon, annealedKL := resultOf(t, out.String(), "annealed")
	require.InDelta(t, annealedLoss, annealedRecon+beta*annealedKL, 0.05, "at the end, beta is that of the evaluation")
	require.Less(t, annealedRecon, recon)
	require.Greater(t, annealedKL, kl)
}

// resultOf reads the result of a schedule.
func resultOf(t *testing.T, out, schedule string) (loss, recon, kl float64) {
	_, line, found := strings.Cut(out, schedule+" beta: ")
	require.True(t, found)
	_, err := fmt.Sscanf(line, "loss %f = %f nats + 4 x %f nats", &loss, &recon, &kl)
	require.NoError(t, err)
	return loss, recon, kl
}

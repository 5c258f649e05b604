package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a code says before it costs its full price is not given up later: the
// divergence stays above that of a run that paid from the first step on.
func TestAnAnnealedCodeSaysMore(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(&out, options{data: "digits", samples: 1500, epochs: 4}))
	t.Log(out.String())
	loss, recon, kl := came(t, out.String(), "constant")
	require.InDelta(t, loss, recon+beta*kl, 0.05)
	annealedLoss, annealedRecon, annealedKL := came(t, out.String(), "annealed")
	require.InDelta(t, annealedLoss, annealedRecon+beta*annealedKL, 0.05, "at the end beta is what evaluation has")
	require.Less(t, annealedRecon, recon)
	require.Greater(t, annealedKL, kl)
}

// came reads what a way came to.
func came(t *testing.T, out, way string) (loss, recon, kl float64) {
	_, line, found := strings.Cut(out, way+" beta: ")
	require.True(t, found)
	_, err := fmt.Sscanf(line, "loss %f = %f nats + 4 x %f nats", &loss, &recon, &kl)
	require.NoError(t, err)
	return loss, recon, kl
}

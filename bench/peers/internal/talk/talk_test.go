package talk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fake is a player that counts.
type fake struct{ opened, closed int }

func (f *fake) Open(n Net, file string, steps int) (Answer, error) {
	f.opened++
	if file == "" {
		return Answer{Version: "fake 1"}, errors.New("no file")
	}
	return Answer{Params: n.Params, Losses: make([]float64, steps+1)}, nil
}

func (f *fake) Run(warm, steps int) ([]float64, error) { return make([]float64, steps), nil }

func (f *fake) Close() error {
	f.closed++
	return nil
}

func TestServeAnswersEveryOrder(t *testing.T) {
	orders := `{"do":"open","net":{"params":7},"file":"f","steps":2}
{"do":"run","warm":1,"steps":3}
{"do":"open","net":{},"steps":2}
{"do":"dance"}
{"do":"close"}`
	var out bytes.Buffer
	f := &fake{}
	require.NoError(t, Serve(strings.NewReader(orders), &out, f))
	require.Equal(t, `{"params":7,"losses":[0,0,0]}
{"ms":[0,0,0]}
{"version":"fake 1","error":"no file"}
{"error":"\"dance\" is not an order: want open with a net, run or close"}
{}
`, out.String())
	require.Equal(t, fake{opened: 2, closed: 2}, *f, "closed by order, and at the end")
	require.ErrorContains(t, Serve(strings.NewReader("{"), io.Discard, f), "read an order")
}

func TestTensorsComeBackAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	want := map[string]Tensor{"a": {[]int{2, 3}, []float32{1, 2, 3, 4, 5, 6}}, "b": {[]int{1}, []float32{-.5}}}
	require.NoError(t, Save(path, []string{"b", "a"}, want))
	got, err := Load(path)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestDamagedFilesAreErrors(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	require.NoError(t, Save(whole, []string{"a"}, map[string]Tensor{"a": {[]int{2}, []float32{1, 2}}}))
	raw, err := os.ReadFile(whole)
	require.NoError(t, err)
	for name, text := range map[string][]byte{
		"empty":      nil,
		"short":      raw[:len(raw)-1],
		"no header":  raw[:12],
		"not JSON":   append([]byte{2, 0, 0, 0, 0, 0, 0, 0}, "}{"...),
		"other type": bytes.Replace(raw, []byte("F32"), []byte("F16"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, "damaged")
			require.NoError(t, os.WriteFile(path, text, 0o600))
			_, err := Load(path)
			require.ErrorContains(t, err, "load "+path)
		})
	}
	_, err = Load(filepath.Join(dir, "none"))
	require.Error(t, err)
}

func TestAProgramThatEndsIsAnError(t *testing.T) {
	shell, err := exec.LookPath("true")
	if err != nil {
		t.Skip("there is no program true here")
	}
	p, err := Start(context.Background(), io.Discard, nil, "true", shell)
	require.NoError(t, err)
	_, err = p.Ask(Order{Do: "run"}, time.Minute)
	require.ErrorIs(t, err, ErrEnded)
	require.ErrorContains(t, err, "its last lines say why")
	require.NoError(t, p.Close())
	_, err = Start(context.Background(), io.Discard, nil, "none", filepath.Join(t.TempDir(), "none"))
	require.ErrorContains(t, err, "none: ")
}

func TestAProgramThatTakesTooLongIsKilled(t *testing.T) {
	shell, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("there is no program sleep here")
	}
	p, err := Start(context.Background(), io.Discard, nil, "sleep", shell, "60")
	require.NoError(t, err)
	_, err = p.Ask(Order{Do: "run"}, 10*time.Millisecond)
	require.ErrorIs(t, err, ErrEnded)
	require.ErrorContains(t, err, `sleep took longer than 10ms for the order "run": the program was ended`)
	p.Kill()
}

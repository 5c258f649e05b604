package report

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// reports are the pages that every test of the page looks at.
func reports() map[string]Report {
	return map[string]Report{"full": invented(), "sparse": sparse(), "crowded": crowded(), "on a GPU": onGPU(), "presets": withPresets(), "empty": {}}
}

// pageOf writes the page and returns its text and elements. It reads it as XML,
// which is stricter than HTML: every element is closed, every attribute quoted.
func pageOf(t *testing.T, r Report) (text string, elements []xml.StartElement) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, WriteHTML(&b, r))
	d := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	var words strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			elements = append(elements, token.Copy())
			words.WriteByte(' ')
		case xml.CharData:
			words.Write(token)
		}
	}
	return strings.Join(strings.Fields(words.String()), " "), elements
}

func TestPageIsWellFormedAndStandsAlone(t *testing.T) {
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			text, elements := pageOf(t, r)
			for _, e := range elements {
				require.NotContains(t, []string{"script", "link", "iframe", "object", "embed", "base", "form"}, e.Name.Local)
				for _, a := range e.Attr {
					switch a.Name.Local {
					case "src":
						require.True(t, strings.HasPrefix(a.Value, "data:image/png;base64,"), "%s of %s: %.40s", a.Name.Local, e.Name.Local, a.Value)
					case "href", "srcset", "action", "data", "poster", "background":
						require.Fail(t, "a reference", "%s of %s: %.40s", a.Name.Local, e.Name.Local, a.Value)
					}
					require.NotContains(t, a.Value, "http", "%s of %s", a.Name.Local, e.Name.Local)
					require.NotContains(t, a.Value, "ZgotmplZ", "%s of %s was filtered by the template", a.Name.Local, e.Name.Local)
				}
			}
			for _, reference := range []string{"http:", "https:", "url(", "@import", "<no value>", "NaN%"} {
				require.NotContains(t, text, reference)
			}
		})
	}
}

func TestPageShowsEveryRunAndReason(t *testing.T) {
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			text, elements := pageOf(t, r)
			rows := 0
			for _, e := range elements {
				if e.Name.Local == "th" && attribute(e, "scope") == "row" {
					rows++
				}
			}
			require.GreaterOrEqual(t, rows, len(r.Results.Runs))
			for _, run := range r.Results.finite().Runs {
				require.Contains(t, text, run.Model+" "+run.Backend)
				require.Contains(t, text, run.Error)
				if ms, known := run.StepMS.Median.Get(); known && !run.Emulated {
					require.Contains(t, text, three(ms)+" ms")
				}
			}
			for _, note := range append(r.Notes, r.Command) {
				require.Contains(t, text, note)
			}
		})
	}
}

func TestPageSaysWhatItWasMadeFrom(t *testing.T) {
	text, _ := pageOf(t, invented())
	for _, want := range []string{
		"Data mnist: 60,000 to train, 10,000 to test", "Seed 1", "Processor AMD EPYC 9B14 96-Core Processor, 2 cores",
		"FMA peak 117 GFLOP/s on one thread, 234 on all", "Platform linux/amd64, go1.26.0", "Date 14 March 2026, 15:09 UTC",
		"loss_last is NaN; test_loss is +Inf",
	} {
		require.Contains(t, text, want)
	}
	require.NotContains(t, text, "GPU -")
}

func TestPageDrawsEveryChartAndPicture(t *testing.T) {
	r := invented()
	_, elements := pageOf(t, r)
	charts, bars, pictures := 0, 0, 0
	for _, e := range elements {
		switch {
		case e.Name.Local == "svg":
			charts++
		case strings.HasPrefix(attribute(e, "class"), "bar "):
			bars++
		case e.Name.Local == "path":
			require.NotEmpty(t, attribute(e, "d"))
		case e.Name.Local == "img":
			pictures++
			_, data, _ := strings.Cut(attribute(e, "src"), ",")
			img, err := png.Decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(data)))
			require.NoError(t, err)
			require.Equal(t, 28, img.Bounds().Dx())
		}
	}
	require.Equal(t, 4, charts, "one for each model")
	require.Equal(t, 7, bars, "one for each run with a time")
	require.Equal(t, 2*10*len(r.Images), pictures)
}

func TestEveryBatchHasAPanel(t *testing.T) {
	text, elements := pageOf(t, onGPU())
	bars, charts := 0, 0
	for _, e := range elements {
		switch {
		case strings.HasPrefix(attribute(e, "class"), "bar "):
			bars++
		case e.Name.Local == "svg":
			charts++
			require.Regexp(t, `^loss of (conv|lstm), batch [0-9,]+ by step$`, attribute(e, "aria-label"))
		}
	}
	require.Equal(t, 12, bars, "two backends of two models at three batch sizes: what is emulated has none")
	require.Equal(t, 6, charts)
	require.Contains(t, text, "conv, batch 8,192 cpu 256 ms")
	require.Contains(t, text, "GPU NVIDIA H100 80GB HBM3 (compute capability 9.0, 132 multiprocessors, 79.2 GiB, peak 66.9 TFLOP/s, 3,352 GB/s, driver for CUDA 12.4, NVRTC 12.4, cuBLAS 12.4.5)")
	require.Contains(t, text, "Emulated GPU; emulated: its times say nothing of a GPU")
}

func TestPageEscapesWhatItIsGiven(t *testing.T) {
	evil := `"><script>alert(1)</script>javascript:'`
	r := sparse()
	r.Command, r.Notes, r.Platform = evil, []string{evil}, evil
	r.Results.Data.Name, r.Results.Machine.CPU, r.Results.Machine.GPU = evil, evil, Known(evil)
	r.Results.Runs[0].Model, r.Results.Runs[0].Backend, r.Results.Runs[0].Device, r.Results.Runs[0].Error = evil, evil, evil, evil
	r.Curves = []Curve{{Model: evil, Backend: evil, Unit: evil, Train: []Point{{1, 1}}}}
	grid := inventedImages(evil, evil)
	r.Images = []ImageGrid{grid}
	text, elements := pageOf(t, r)
	for _, e := range elements {
		require.NotEqual(t, "script", e.Name.Local)
	}
	require.GreaterOrEqual(t, strings.Count(text, evil), 10)
}

func TestPicturesClampAndCountWhatIsNotGrey(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	uri, bad := picture([]float32{-1, 0, .5, 1, 2, nan, inf, .002}, 2, 4)
	require.Equal(t, 2, bad)
	_, data, _ := strings.Cut(string(uri), ",")
	img, err := png.Decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(data)))
	require.NoError(t, err)
	for i, want := range []uint32{0, 0, 128, 255, 255, 0, 0, 1} {
		got, _, _, _ := img.At(i%4, i/4).RGBA()
		require.Equal(t, want, got>>8, "pixel %d", i)
	}
}

func TestGridsThatDoNotFitAreErrors(t *testing.T) {
	four := [][]float32{make([]float32, 4)}
	for name, c := range map[string]struct {
		grid ImageGrid
		want string
	}{
		"no size":        {ImageGrid{Originals: four, Reconstructions: four}, "the size is 0x0"},
		"one missing":    {ImageGrid{H: 2, W: 2, Originals: four}, "1 originals and 0 reconstructions"},
		"wrong size":     {ImageGrid{H: 2, W: 3, Originals: four, Reconstructions: four}, "image 0 has 4 pixels, want 2x3"},
		"wrong new size": {ImageGrid{H: 2, W: 2, Originals: four, Reconstructions: [][]float32{nil}}, "image 0 has 0 pixels, want 2x2"},
	} {
		t.Run(name, func(t *testing.T) {
			c.grid.Model, c.grid.Backend = "conv", "tape"
			err := WriteHTML(io.Discard, Report{Images: []ImageGrid{c.grid}})
			require.ErrorContains(t, err, "images of conv on tape")
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestPageReportsAWriterThatFails(t *testing.T) {
	require.ErrorIs(t, WriteHTML(fullDisk{}, invented()), errFull)
}

func TestEveryBackendKeepsItsColour(t *testing.T) {
	p := newPalette(invented())
	require.Equal(t, palette{"gorgonia": "base", "tape": "hue0", "cuda": "hue1"}, p)
	require.Len(t, newPalette(crowded()), 11, "backends of runs and of curves")
}

// attribute returns the value of an element's attribute, or "".
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

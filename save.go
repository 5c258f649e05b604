package stheno

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Models lists a model of each type of this library, with its default settings. A file
// identifies these by their name alone; see train.NameOf.
func Models() []Model {
	return []Model{
		conv.Config{},
		conv.Denoising{},
		conv.Inpainting{},
		conv.Masked{},
		dense.BatchTopKSAE{},
		dense.Classifier{},
		dense.Clustering{},
		dense.Config{},
		dense.GatedSAE{},
		dense.JumpReLUSAE{},
		dense.L1SAE{},
		dense.MatryoshkaSAE{},
		dense.Pretrain{},
		dense.TopKSAE{},
		onnx.Model{},
		seq.Config{},
		seq.VAE{},
		vae.Adversarial{},
		vae.Autoregressive{},
		vae.Config{},
		vae.Factor{},
		vae.GAN{},
		vae.Guess{},
		vae.GumbelSoftmax{},
		vae.Importance{},
		vae.Items{},
		vae.MMD{},
		vae.Missing{},
		vae.Planar{},
		vae.Quadrant{},
		vae.Quantized{},
		vae.Regularized{},
		vae.SemiSupervised{},
		vae.TotalCorrelation{},
		vae.TwoLayer{},
		vae.Vamp{},
		vae.Wasserstein{},
	}
}

// LoadOptions are the settings of LoadWith. The zero value is the default.
type LoadOptions struct {
	// Backend runs the model; nil means Fastest().
	Backend vm.Backend
	// Model is needed if the file has a model of your own. It is any value of the
	// model's type; its settings are replaced by those in the file.
	Model Model
}

// Save writes the model, its weights and its states to a file. If it fails, an
// existing file is unchanged. The format is safetensors, which other libraries can
// read.
func (a *Autoencoder) Save(path string) error {
	if err := a.check(); err != nil {
		return err
	}
	config, err := json.Marshal(a.model)
	if err != nil {
		return fmt.Errorf("stheno: save %s: the settings of %T cannot be written as JSON: %w", path, a.model, err)
	}
	c := checkpoint.Checkpoint{Model: train.NameOf(a.model), Config: config, Params: a.o.Params}
	if len(a.o.Scalers) > 0 {
		if c.Scalers, err = json.Marshal(a.o.Scalers); err != nil {
			return fmt.Errorf("stheno: save %s: the scalers: %w", path, err)
		}
	}
	return checkpoint.Save(path, c)
}

// Load reads a saved model. It does not execute code from the file.
func Load(path string) (*Autoencoder, error) { return LoadWith(path, LoadOptions{}) }

// LoadWith is Load with options.
func LoadWith(path string, o LoadOptions) (*Autoencoder, error) {
	c, err := checkpoint.Load(path)
	if err != nil {
		return nil, err
	}
	m, err := modelOf(c, o.Model)
	if err != nil {
		return nil, fmt.Errorf("stheno: load %s: %w", path, err)
	}
	if o.Backend == nil {
		o.Backend = Fastest()
	}
	settings := Options{Backend: o.Backend, Params: c.Params, Seed: c.Params.Seed()}
	if c.Scalers != nil {
		if err := json.Unmarshal(c.Scalers, &settings.Scalers); err != nil {
			return nil, fmt.Errorf("stheno: load %s: the scalers: %w", path, err)
		}
	}
	a, err := newAutoencoder(m, settings)
	if err != nil {
		return nil, fmt.Errorf("stheno: load %s: %w", path, err)
	}
	if d := c.Compare(c.Params); len(d) > 0 {
		return nil, fmt.Errorf("stheno: load %s: the file has other weights than the net of %T:\n\t%s", path, m, strings.Join(d, "\n\t"))
	}
	return a, nil
}

// modelOf returns the model of a checkpoint. Its type is that of own or, if own is
// nil, the one that the checkpoint names.
func modelOf(c checkpoint.Checkpoint, own Model) (Model, error) {
	prototype := own
	if prototype == nil {
		for _, m := range Models() {
			if train.NameOf(m) == c.Model {
				prototype = m
			}
		}
		if prototype == nil {
			return nil, fmt.Errorf("it is a model of type %s, which is not part of this library: set LoadOptions.Model to a value of that type", c.Model)
		}
	}
	if name := train.NameOf(prototype); name != c.Model {
		return nil, fmt.Errorf("it is a model of type %s, want %s", c.Model, name)
	}
	settings := reflect.New(reflect.TypeOf(prototype))
	decoder := json.NewDecoder(bytes.NewReader(c.Config))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(settings.Interface()); err != nil {
		return nil, fmt.Errorf("the settings of %s: %w", c.Model, err)
	}
	m, ok := settings.Elem().Interface().(Model)
	if !ok {
		return nil, fmt.Errorf("%T is not a model", settings.Elem().Interface())
	}
	return m, nil
}

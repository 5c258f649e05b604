package presets

func variational() []Preset { return nil }

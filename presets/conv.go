package presets

func convolutional() []Preset { return nil }

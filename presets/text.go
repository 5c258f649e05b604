package presets

func text() []Preset { return nil }

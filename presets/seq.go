package presets

func sequences() []Preset { return nil }

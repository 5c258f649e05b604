package presets

func denseDeep() []Preset { return nil }

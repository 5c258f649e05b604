package presets

func conditional() []Preset { return nil }

package presets

func clustering() []Preset { return nil }

package presets

func ratings() []Preset { return nil }

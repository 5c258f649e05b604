package presets

func vaeRegularized() []Preset { return nil }

package presets

func sae() []Preset { return nil }

package presets

func vq() []Preset { return nil }

// The kernels on planes of amd64.

//go:build amd64 && !purego

package kernel

// bindPlanes puts the assembly for isa beside the plain kernels.
func bindPlanes(p *Planes[float32], isa ISA) {
	type ops = [2]func(a planeRows[float32])
	switch isa {
	case AVX2:
		p.lanes = 8
		p.max.assembly = ops{
			func(a planeRows[float32]) { planeMaxAVX2(a.pointer()) },
			func(a planeRows[float32]) { planeMaxApartAVX2(a.pointer()) },
		}
		p.place.assembly = ops{
			func(a planeRows[float32]) { planePlaceAVX2(a.pointer()) },
			func(a planeRows[float32]) { planePlaceApartAVX2(a.pointer()) },
		}
		p.sum.assembly = ops{
			func(a planeRows[float32]) { planeSumAVX2(a.pointer()) },
			func(a planeRows[float32]) { planeSumApartAVX2(a.pointer()) },
		}
	case AVX512:
		p.lanes = 16
		p.max.assembly = ops{
			func(a planeRows[float32]) { planeMaxAVX512(a.pointer()) },
			func(a planeRows[float32]) { planeMaxApartAVX512(a.pointer()) },
		}
		p.place.assembly = ops{
			func(a planeRows[float32]) { planePlaceAVX512(a.pointer()) },
			func(a planeRows[float32]) { planePlaceApartAVX512(a.pointer()) },
		}
		p.sum.assembly = ops{
			func(a planeRows[float32]) { planeSumAVX512(a.pointer()) },
			func(a planeRows[float32]) { planeSumApartAVX512(a.pointer()) },
		}
	}
}

func bindPlanes64(p *Planes[float64], isa ISA) {
	type ops = [2]func(a planeRows[float64])
	switch isa {
	case AVX2:
		p.lanes = 4
		p.max.assembly = ops{
			func(a planeRows[float64]) { planeMax64AVX2(a.pointer()) },
			func(a planeRows[float64]) { planeMaxApart64AVX2(a.pointer()) },
		}
		p.place.assembly = ops{
			func(a planeRows[float64]) { planePlace64AVX2(a.pointer()) },
			func(a planeRows[float64]) { planePlaceApart64AVX2(a.pointer()) },
		}
		p.sum.assembly = ops{
			func(a planeRows[float64]) { planeSum64AVX2(a.pointer()) },
			func(a planeRows[float64]) { planeSumApart64AVX2(a.pointer()) },
		}
	case AVX512:
		p.lanes = 8
		p.max.assembly = ops{
			func(a planeRows[float64]) { planeMax64AVX512(a.pointer()) },
			func(a planeRows[float64]) { planeMaxApart64AVX512(a.pointer()) },
		}
		p.place.assembly = ops{
			func(a planeRows[float64]) { planePlace64AVX512(a.pointer()) },
			func(a planeRows[float64]) { planePlaceApart64AVX512(a.pointer()) },
		}
		p.sum.assembly = ops{
			func(a planeRows[float64]) { planeSum64AVX512(a.pointer()) },
			func(a planeRows[float64]) { planeSumApart64AVX512(a.pointer()) },
		}
	}
}

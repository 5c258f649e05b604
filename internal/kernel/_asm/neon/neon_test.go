package neon

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/arch/arm64/arm64asm"
)

var word = regexp.MustCompile(`WORD \$(0x[0-9a-f]{8}) // (.*)`)

// disassembled is what a word means.
func disassembled(t *testing.T, code string) string {
	v, err := strconv.ParseUint(code, 0, 32)
	require.NoError(t, err)
	inst, err := arm64asm.Decode(binary.LittleEndian.AppendUint32(nil, uint32(v)))
	require.NoError(t, err, code)
	return arm64asm.GNUSyntax(inst)
}

func TestWordsAreWhatTheirCommentsSay(t *testing.T) {
	files, err := filepath.Glob("../../*_arm64.s")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	words := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range word.FindAllStringSubmatch(string(text), -1) {
			require.Equal(t, m[2], disassembled(t, m[1]), "%s: %s", file, m[1])
			words++
		}
		require.Equal(t, strings.Count(string(text), "WORD "), len(word.FindAllString(string(text), -1)), file)
	}
	require.Greater(t, words, 1000)
}

// code is a function with a body.
func code(body string) string { return "TEXT ·f(SB), NOSPLIT, $0-0\n" + body + "\tRET\n" }

func TestInstructionsAreThoseOfArm(t *testing.T) {
	for name, c := range map[string]struct{ from, want string }{
		"the greater, and the second where one is NaN": {"\tVMAXPS X1, X2, X3\n", "WORD $0x6ea1e45f // fcmgt v31.4s, v2.4s, v1.4s\n\tVMOV V31.B16, V3.B16\n\tVBSL V1.B16, V2.B16, V3.B16\n"},
		"a factor from memory that only multiplies":    {"\tVBROADCASTSS (AX)(CX*4), X4\n\tVFMADD231PS X4, X1, X2\n\tVMOVUPS X2, (DX)\n", "FMOVS (R0)(R1<<2), F4\n\tWORD $0x4f841022 // fmla v2.4s, v1.4s, v4.s[0]\n\tFMOVQ F2, (R2)\n"},
		"a factor that is added, too":                  {"\tVBROADCASTSS 8(AX), X4\n\tVFMADD231PS X4, X1, X2\n\tVADDPS X4, X2, X2\n\tVMOVUPS X2, (DX)\n", "ADD $8, R0, R16\n\tVLD1R (R16), [V4.S4]\n\tVFMLA V4.S4, V1.S4, V2.S4\n\tWORD $0x4e24d442 // fadd v2.4s, v2.4s, v4.4s\n"},
		"flags where they are read":                    {"loop:\n\tADDQ $0x08, BX\n\tDECQ AX\n\tJNZ loop\n", "\nloop:\n\tADD $8, R3, R3\n\tSUBS $1, R0, R0\n\tBNE loop\n"},
		"a NaN is below":                               {"\tVUCOMISS X1, X2\n\tJCS f\nf:\n", "FCMPS F1, F2\n\tBLT f\n"},
		"unsigned integers":                            {"\tCMPQ AX, BX\n\tJCS f\nf:\n", "CMP R3, R0\n\tBLO f\n"},
		"neighbours":                                   {"\tVMOVUPS 32(AX), X1\n\tVMOVUPS 48(AX), X4\n\tVMOVUPS X4, (AX)\n\tVMOVUPS X1, 16(AX)\n", "FLDPQ 32(R0), (F1, F4)\n\tFSTPQ (F4, F1), (R0)\n"},
		"the same place twice":                         {"\tVMOVUPS (AX), X1\n\tVMOVUPS (AX), X4\n", "FMOVQ (R0), F1\n\tFMOVQ (R0), F4\n"},
		"places with an index":                         {"\tVMOVUPS (AX)(BX*1), X1\n", "WORD $0x3ce36801 // ldr q1, [x0,x3]\n"},
		"a multiple that is read twice":                {"\tADDQ CX, BX\n\tVMOVUPS (AX)(BX*4), X1\n\tVMOVUPS X1, (CX)(BX*4)\n\tXORQ BX, BX\n", "ADD R1, R3, R3\n\tLSL $2, R3, R20\n\tWORD $0x3cf46801 // ldr q1, [x0,x20]\n\tWORD $0x3cb46821 // str q1, [x1,x20]\n\tEOR R3, R3, R3\n\tRET"},
		"a lane in its own register":                   {"\tVPERMILPS $0xaa, X1, X1\n\tVFMADD231PS X2, X1, X3\n\tVMOVUPS X3, (AX)\n", "WORD $0x4f811843 // fmla v3.4s, v2.4s, v1.s[2]\n"},
		"places with an index and an offset":           {"\tVMOVUPS 16(AX)(BX*8), X1\n", "ADD R3<<3, R0, R16\n\tFMOVQ 16(R16), F1\n"},
	} {
		got, err := Translate(code(c.from))
		require.NoError(t, err, name)
		require.Contains(t, got, c.want, name)
	}
}

func TestWhatCannotBeTranslatedIsAnError(t *testing.T) {
	for body, want := range map[string]string{
		"\tVPERM2F128 $0x20, X1, X2, X3\n":  "there is no rule for VPERM2F128",
		"\tVADDPS X30, X1, X2\n":            "X30: the register is for the translation",
		"\tJMP away\n":                      "there is no label away",
		"\tVSHUFPS $0x1b, X1, X2, X3\n":     "the order $0x1b",
		"\tVCMPPS $0x05, X1, X2, X3\n":      "the predicate 5",
		"\tMOVQ X1, AX\n":                   "a move to or from a vector",
		"\tVADDPS Y1, X1, X2\n":             `"Y1" is no vector`,
		"\tADDQ SP, AX\n":                   `"SP" is no integer register`,
		"\tVUCOMISS X1, X2\n\tJLT f\nf:\n":  "a jump after a comparison of scalars",
		"\tMOVQ 8(AX)(BX*three), CX\n":      "is no memory",
		"\tSHLQ DX, AX\n":                   "a shift by DX",
		"\tVPBLENDD $0x55, X1, X2, X3\n":    "the lanes $0x55",
		"\tADDQ $0x01, (AX)\n\tJNZ f\nf:\n": "flags of memory",
	} {
		_, err := Translate(code(body))
		require.ErrorContains(t, err, want, body)
	}
}

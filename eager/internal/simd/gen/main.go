// Command gen writes the assembly of package simd, and the Go declarations for it, into the directory -dir.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// files are the generated files, each for one width of vectors.
var files = []struct {
	name string
	bits int
	emit func(m *machine)
}{
	{"elementwise_avx512_amd64", 512, elementwise},
	{"elementwise_avx2_amd64", 256, elementwise},
	{"function_avx512_amd64", 512, functions},
	{"function_avx2_amd64", 256, functions},
	{"reduce_avx512_amd64", 512, reductions},
	{"reduce_avx2_amd64", 256, reductions},
	{"gradient_avx512_amd64", 512, gradients},
	{"gradient_avx2_amd64", 256, gradients},
	{"step_avx512_amd64", 512, steps},
	{"step_avx2_amd64", 256, steps},
	{"select_avx512_amd64", 512, selections},
	{"select_avx2_amd64", 256, selections},
	{"norm_avx512_amd64", 512, norms},
	{"norm_avx2_amd64", 256, norms},
	{"recurrent_avx512_amd64", 512, recurrent},
	{"recurrent_avx2_amd64", 256, recurrent},
	{"optim_avx512_amd64", 512, optimisers},
	{"optim_avx2_amd64", 256, optimisers},
	{"gemm_avx512_amd64", 512, matrices},
	{"gemm_avx2_amd64", 256, matrices},
	{"int8_avx512_amd64", 512, bytes8},
	{"int8_avx2_amd64", 256, bytes8},
	{"conv_avx512_amd64", 512, convolutions},
	{"conv_avx2_amd64", 256, convolutions},
	{"winograd_avx512_amd64", 512, winograd},
	{"winograd_avx2_amd64", 256, winograd},
	{"pool_avx512_amd64", 512, pooling},
	{"pool_avx2_amd64", 256, pooling},
	{"peak_avx512_amd64", 512, peak},
	{"peak_avx2_amd64", 256, peak},
}

// neonFiles are those for arm64.
var neonFiles = []struct {
	name string
	emit func(m *neon)
}{
	{"elementwise_neon_arm64", neonElementwise},
	{"function_neon_arm64", neonFunctions},
	{"reduce_neon_arm64", neonReductions},
	{"optim_neon_arm64", neonOptimisers},
	{"norm_neon_arm64", neonNorms},
	{"gemm_neon_arm64", neonMatrices},
}

func main() {
	dir := flag.String("dir", ".", "where the files go")
	flag.Parse()
	for _, f := range files {
		m := newMachine(f.bits)
		f.emit(m)
		if err := write(m, filepath.Join(*dir, f.name)); err != nil {
			fmt.Fprintf(os.Stderr, "gen: %s: %v\n", f.name, err)
			os.Exit(1)
		}
	}
	for _, f := range neonFiles {
		m := newNeon()
		f.emit(m)
		for ext, text := range map[string]string{".s": m.asm.String(), ".go": m.stubs.String()} {
			if err := os.WriteFile(filepath.Join(*dir, f.name+ext), []byte(text), 0o644); err != nil {
				fmt.Fprintf(os.Stderr, "gen: %v\n", err)
				os.Exit(1)
			}
		}
	}
}

func write(m *machine, path string) error {
	file, err := m.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	config := printer.Config{Argv: []string{"go", "generate"}, Pkg: "simd"}
	for ext, p := range map[string]printer.Printer{
		".s":  printer.NewGoAsm(config),
		".go": printer.NewStubs(config),
	} {
		text, err := p.Print(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path+ext, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

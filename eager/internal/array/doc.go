// Package array is dense numbers: shapes and strides, and the loops over them. It knows no tape and no users: whoever calls it
// has checked the shapes, and a wrong one is an internal error.
//
// # Decisions
//
// 2026-11-23: workers are goroutines that live as long as the process, spin some 50 microseconds after a job and then park.
// A goroutine started for 6 microseconds of work runs after its parent instead of beside it, and waking a parked one takes
// longer than most ops. Jobs are cut into chunks that whoever is free takes; the caller takes them, too, and waits only for
// chunks that another has begun, so that a busy machine costs little.
//
// 2026-11-23: no result depends on the number of threads. What is added up is cut by sizes alone: each number of a matrix
// product or a convolution is summed up by one thread, in the order of its blocks of 512 terms.
//
// 2026-11-23: a matrix product copies a and b into the order of use only where they are passed over often enough (4 tiles
// of columns, 8 of rows): up to there the kernels that take any strides are as fast, measured at 240 of 252 GFLOP/s.
//
// 2026-11-23: convolutions of float32 make no matrix of columns, which makes the layers of LeNet 3 to 4 times as fast, and one
// of 64 to 64 maps 1.5 times.
//
// 2026-11-26, kernels of 3 by 3 over 32 channels and more go by Winograd's F(4x4,3x3), and their gradients by F(3x3,4x4): a
// quarter of the multiplications, and 2 to 4 times the speed of the direct kernels. Polynomials are taken at 0, infinity and the
// square roots of 1/2 and 2 with both signs. Errors at the usual 1 and 2 are 7 times as large; at these they are less than
// twice those of the direct sum: 1e-6 of the largest number of the result for 64 channels, and, since no more than 256
// channels are added up at a time, within 2e-6 for 600. An infinity reaches the numbers beside its windows as NaN. Images are
// turned so that the channels lie together: transformations then load and store whole vectors, whatever the width of the
// image, and no square is computed in vain.
//
// 2026-11-26: the gradient of such kernels deals rows of squares out to at most 16 sums, as sizes alone say, each for one
// thread, and where those are fewer than 4, maps as well. A thread that had some of the planes for all squares would read what
// the others transformed.
//
// 2026-11-26: other kernels over channels and maps that fill vectors go by images that are turned so, too: the windows of a
// row of pixels are then rows of a matrix in place, whatever their number. Convolution by windows, which stays for the others,
// wastes what lies between short rows, and takes 1.2 to 1.3 times as long for 7 to 14 pixels.
//
// 2026-11-26, convolutions read copies of images with their padding, cut into phases where windows move in steps, so that an
// element of a window is at one distance from the window's start. The gradient of the input is then the same sum, one for each
// remainder of the step. Rows that do not fill vectors are taken as one long row; what that computes between them is thrown
// away. The gradient of the weights takes a vector of maps at each pixel, from a copy in which they lie together, and only for
// few maps vectors of pixels. Columns (the matrix of all windows, and a matrix product) stand for float64, for the plain level,
// and where kernels outnumber pixels by far, which the product reads once.
//
// 2026-11-26, batch norm goes channel by channel: three passes over numbers that stay in the cache. The variance is of distances
// from the mean; the mean of squares loses its digits where the mean is large.
//
// 2026-11-26: an LSTM or GRU gives sixteen examples at a time to a thread, which takes them through the whole sequence. Threads
// that share each step would wait for each other at its end, a few microseconds of work away, and the bits would be the same.
//
// 2026-11-26: an elementwise function of two arrays never reads numbers one by one across a row: an operand that lies turned is
// copied first by the vector kernel, which costs less than the cache lines that would be read again and again.
package array

//go:build !amd64

package simd

func best() Level { return Generic }

func load(Level) { use, tile32, tile64 = plain, &plainTile32, &plainTile64 }

package monitor

import "os"

func readMachine() machine { return readProc(os.DirFS("/proc"), os.Getpagesize()) }

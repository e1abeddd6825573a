//go:build !linux

package monitor

import "runtime"

func readMachine() machine {
	why := "read from /proc, which " + runtime.GOOS + " does not have"
	return machine{
		whyTicks: "the load of the machine is " + why,
		used:     absent("the memory of the machine is %s", why),
		total:    absent("the memory of the machine is %s", why),
		process:  absent("the memory of the process is %s", why),
	}
}

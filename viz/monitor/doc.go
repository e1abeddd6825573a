// Package monitor reads how busy the machine is: CPU, memory, and NVIDIA GPUs
// where there are any, once or as a live panel.
//
//	monitor.Now()                      // a snapshot
//	w := monitor.Watch(time.Second)    // a panel that moves
//	defer w.Stop()
//
// What cannot be read is absent and says why: a Reading has a value or a reason,
// never a zero that was not measured.
//
// # Decisions
//
// 2026-11-23. GPUs are read through github.com/NVIDIA/go-nvml (Apache-2.0, kept by
// NVIDIA), which saves us the bindings of NVML and their struct versions. It needs
// cgo on Linux and looks for the driver's library when it is first asked, so that
// a build with cgo runs on machines without a driver. With CGO_ENABLED=0, or on
// other systems, its file is not built, and the reading says so. We would leave it
// by calling nvidia-smi.
//
// 2026-11-23. CPU and memory come from /proc on Linux and from the standard
// library elsewhere, where the process's own CPU time and memory are what there
// is; a library for the rest (gopsutil) is not worth its size for two numbers.
//
// 2026-11-23. go-nvml stays at v0.13.0-1: the C header of v0.13.4-1 marks
// functions as deprecated that its own bindings call, and a first build greets
// the user with 147 lines of C warnings. Nothing that is read here is newer.
package monitor

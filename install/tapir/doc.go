// Command tapir is Tapir's one command: it starts JupyterLab with the Go kernel, registers the kernel with a Jupyter that is
// there already, runs notebooks without Jupyter, and is the kernel itself.
//
//	tapir lab                  start JupyterLab with the kernel
//	tapir run NOTEBOOK...      run notebooks here, without Jupyter
//	tapir go NOTEBOOK          write a notebook as a plain Go program
//	tapir install              register the kernel with an installed Jupyter
//	tapir uninstall            undo install
//	tapir bench                measure the engine beside its peers
//	tapir kernel FILE          be a kernel (Jupyter calls this)
//	tapir version              print the version
//	tapir help [COMMAND]       explain a command
//
// # Decisions
//
// 2026-11-23: One program is command and kernel. "tapir lab" needs no Go toolchain and builds nothing: what it registers is
// itself, copied into the cache directory when "go run" would delete it.
//
// 2026-11-23: The private JupyterLab has private settings, data and runtime directories. A Jupyter that the user has set up
// otherwise can neither break it nor be broken by it.
//
// 2026-11-23: JupyterLab is stopped through its own API and not by a signal: the same on every system, kernels end with it, and
// Jupyter's question at Ctrl-C ("Shut down this server?") does not appear.
package main

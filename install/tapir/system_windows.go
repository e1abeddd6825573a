package main

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a command out of this process's group, so that Ctrl-C in the terminal does not reach it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// interrupt ends a command: Windows has no way to ask one without a window.
func interrupt(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

// kill ends a command.
func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

// hasDisplay tells whether a browser could open a window.
func hasDisplay() bool { return true }

// openBrowser opens an address in the user's browser.
func openBrowser(url string) error {
	cmd := exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	if err := cmd.Start(); err != nil {
		return errNoOpener
	}
	go func() { _ = cmd.Wait() }()
	return nil
}

//go:build linux && cgo

package monitor

import (
	"fmt"
	"sync"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// cards reads GPUs through NVML, which is started once and stays.
type cards struct {
	mu      sync.Mutex
	lib     nvml.Interface
	started bool
}

var nvidia = &cards{lib: nvml.New()}

func readGPUs() ([]GPU, string) { return nvidia.read() }

func (c *cards) read() ([]GPU, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.started {
		switch r := c.lib.Init(); r {
		case nvml.SUCCESS:
			c.started = true
		case nvml.ERROR_LIBRARY_NOT_FOUND:
			return nil, "no NVIDIA driver: libnvidia-ml.so.1 was not found"
		default:
			return nil, "starting NVML: " + c.lib.ErrorString(r)
		}
	}
	n, r := c.lib.DeviceGetCount()
	if r != nvml.SUCCESS {
		return nil, "counting GPUs: " + c.lib.ErrorString(r)
	}
	if n == 0 {
		return nil, "the NVIDIA driver sees no GPU"
	}
	gpus := make([]GPU, n)
	for i := range gpus {
		gpus[i] = c.card(i)
	}
	return gpus, ""
}

// card reads one GPU; what it does not tell is absent with NVML's reason.
func (c *cards) card(i int) GPU {
	g := GPU{Name: fmt.Sprintf("GPU %d", i)}
	d, r := c.lib.DeviceGetHandleByIndex(i)
	if r != nvml.SUCCESS {
		why := absent("opening %s: %s", g.Name, c.lib.ErrorString(r))
		g.Load, g.Memory, g.MemoryTotal, g.Temperature, g.Power = why, why, why, why, why
		return g
	}
	value := func(what string, v float64, r nvml.Return) Reading {
		if r != nvml.SUCCESS {
			return absent("reading the %s of GPU %d: %s", what, i, c.lib.ErrorString(r))
		}
		return measured(v)
	}
	if name, r := d.GetName(); r == nvml.SUCCESS {
		g.Name = name
	}
	u, r := d.GetUtilizationRates()
	g.Load = value("load", float64(u.Gpu), r)
	m, r := d.GetMemoryInfo()
	g.Memory, g.MemoryTotal = value("memory", float64(m.Used), r), value("memory", float64(m.Total), r)
	t, r := d.GetTemperature(nvml.TEMPERATURE_GPU)
	g.Temperature = value("temperature", float64(t), r)
	p, r := d.GetPowerUsage()
	g.Power = value("power", float64(p)/1000, r) // milliwatts
	return g
}

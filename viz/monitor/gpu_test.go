//go:build linux && cgo

package monitor

import (
	"reflect"
	"strings"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
)

// fakeNVML is a driver with these devices.
func fakeNVML(devices ...nvml.Device) *mock.Interface {
	return &mock.Interface{
		InitFunc:           func() nvml.Return { return nvml.SUCCESS },
		DeviceGetCountFunc: func() (int, nvml.Return) { return len(devices), nvml.SUCCESS },
		DeviceGetHandleByIndexFunc: func(i int) (nvml.Device, nvml.Return) {
			if devices[i] == nil {
				return nil, nvml.ERROR_GPU_IS_LOST
			}
			return devices[i], nvml.SUCCESS
		},
		ErrorStringFunc: func(r nvml.Return) string {
			return map[nvml.Return]string{nvml.ERROR_NOT_SUPPORTED: "Not Supported", nvml.ERROR_GPU_IS_LOST: "GPU is lost", nvml.ERROR_DRIVER_NOT_LOADED: "Driver Not Loaded"}[r]
		},
	}
}

func card() *mock.Device {
	return &mock.Device{
		GetNameFunc:             func() (string, nvml.Return) { return "NVIDIA A100-SXM4-40GB", nvml.SUCCESS },
		GetUtilizationRatesFunc: func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{Gpu: 87, Memory: 40}, nvml.SUCCESS },
		GetMemoryInfoFunc: func() (nvml.Memory, nvml.Return) {
			return nvml.Memory{Total: 40 << 30, Used: 10 << 30, Free: 30 << 30}, nvml.SUCCESS
		},
		GetTemperatureFunc: func(s nvml.TemperatureSensors) (uint32, nvml.Return) { return 61, nvml.SUCCESS },
		GetPowerUsageFunc:  func() (uint32, nvml.Return) { return 250_500, nvml.SUCCESS },
	}
}

func TestGPUsAreReadThroughNVML(t *testing.T) {
	lib := fakeNVML(card(), card())
	c := &cards{lib: lib}
	gpus, why := c.read()
	want := GPU{Name: "NVIDIA A100-SXM4-40GB", Load: measured(87), Memory: measured(10 << 30), MemoryTotal: measured(40 << 30), Temperature: measured(61), Power: measured(250.5)}
	if why != "" || len(gpus) != 2 || !reflect.DeepEqual(gpus[1], want) {
		t.Fatalf("%q, %+v, want two of %+v", why, gpus, want)
	}
	c.read()
	if n := len(lib.InitCalls()); n != 1 {
		t.Errorf("NVML was started %d times", n)
	}
	s := fakeSampler()
	s.gpus = c.read
	text := s.read().String()
	for _, want := range []string{"NVIDIA A100-SXM4-40GB  87 %, 61 °C, 250 W", "NVIDIA A100-SXM4-40GB memory 10.0 GiB of 40.0 GiB"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestWhatAGPUDoesNotTellIsAbsent(t *testing.T) {
	d := card()
	d.GetUtilizationRatesFunc = func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{}, nvml.ERROR_NOT_SUPPORTED }
	d.GetPowerUsageFunc = func() (uint32, nvml.Return) { return 0, nvml.ERROR_NOT_SUPPORTED }
	gpus, _ := (&cards{lib: fakeNVML(d, nil)}).read()
	if got := gpus[0].Load.Why; got != "reading the load of GPU 0: Not Supported" {
		t.Errorf("load absent because %q", got)
	}
	if gpus[0].Power.OK() || !gpus[0].Temperature.OK() || !gpus[0].Memory.OK() {
		t.Errorf("%+v", gpus[0])
	}
	if got := gpus[1].Memory.Why; got != "opening GPU 1: GPU is lost" {
		t.Errorf("memory of a lost GPU absent because %q", got)
	}
	s := fakeSampler()
	s.gpus = func() ([]GPU, string) { return gpus, "" }
	text := s.read().String()
	for _, want := range []string{"61 °C (load: reading the load of GPU 0: Not Supported)", "GPU 1                  – (opening GPU 1: GPU is lost)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestWithoutADriverTheReasonIsGiven(t *testing.T) {
	for _, c := range []struct {
		lib  *mock.Interface
		want string
	}{
		{&mock.Interface{InitFunc: func() nvml.Return { return nvml.ERROR_LIBRARY_NOT_FOUND }}, "no NVIDIA driver: libnvidia-ml.so.1 was not found"},
		{func() *mock.Interface {
			m := fakeNVML()
			m.InitFunc = func() nvml.Return { return nvml.ERROR_DRIVER_NOT_LOADED }
			return m
		}(), "starting NVML: Driver Not Loaded"},
		{fakeNVML(), "the NVIDIA driver sees no GPU"},
		{func() *mock.Interface {
			m := fakeNVML()
			m.DeviceGetCountFunc = func() (int, nvml.Return) { return 0, nvml.ERROR_GPU_IS_LOST }
			return m
		}(), "counting GPUs: GPU is lost"},
	} {
		if gpus, why := (&cards{lib: c.lib}).read(); gpus != nil || why != c.want {
			t.Errorf("%v, %q, want %q", gpus, why, c.want)
		}
	}
}

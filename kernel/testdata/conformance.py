"""Runs the public suite jupyter_kernel_test against the kernelspec "tapir" and prints the outcome as JSON."""
import faulthandler
import json
import sys
import unittest

import jupyter_kernel_test as suite
from jupyter_client.manager import start_new_kernel

# The suite waits for some messages without end. A kernel that does not start is told at once, one that dies after a while.
faulthandler.dump_traceback_later(300, exit=True)
manager, client = start_new_kernel(kernel_name="tapir")
client.stop_channels()
manager.shutdown_kernel(now=True)


class Tapir(suite.KernelTests):
    kernel_name = "tapir"
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'fmt.Println("hello, world")'
    code_stderr = 'fmt.Fprintln(os.Stderr, "oops")'
    completion_samples = [
        {"text": "fmt.Printl", "matches": {"Println"}},
        {"text": "x := strings.TrimPre", "matches": {"TrimPrefix"}},
        {"text": "fallth", "matches": {"fallthrough"}},
        {"text": "no_such_name_anywher", "matches": set()},
    ]
    complete_code_samples = ["x := 1", 'fmt.Println("a")', "func f() int {\n\treturn 1\n}", "import \"fmt\"", "1 +\n2", "// a comment"]
    incomplete_code_samples = ["func f(", "for i := 0; i < 3; i++ {", "s := `a", "x := []int{\n\t1,", "1 +", "if x {\n} else {", "/* a"]
    invalid_code_samples = ["func func", "x := )", 's := "a', "}"]
    code_page_something = "fmt.Println?"
    code_generate_error = "[]int{1, 2, 3}[len(os.Args)+10]"
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "x := 6; x * 7", "result": "42"},
        {"code": "viz.Line([]float64{0, 1, 2}, []float64{0, 1, 4})", "mime": "image/svg+xml"},
        {"code": "image.NewGray(image.Rect(0, 0, 2, 2))", "mime": "image/png"},
    ]
    code_display_data = [
        {"code": 'viz.HTML("<i>shown</i>")', "mime": "text/html"},
        {"code": "viz.Show(viz.Line([]float64{0, 1, 2}, []float64{0, 1, 4}))", "mime": "image/svg+xml"},
    ]
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "1?+*"
    code_inspect_sample = "fmt.Println"
    code_clear_output = "viz.Clear(false)"


class Welcome(suite.IopubWelcomeTests):
    kernel_name = "tapir"
    support_iopub_welcome = True


tests = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(c) for c in (Tapir, Welcome))
there = tests.countTestCases()
result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(tests)
json.dump(
    {
        "there": there,
        "ran": result.testsRun,
        "skipped": [str(test) + ": " + why for test, why in result.skipped],
        "failed": [str(test) + "\n" + trace for test, trace in result.failures + result.errors],
        # An attribute of the suite that is empty would skip a test, or a part of one in silence.
        "unfilled": [
            name
            for case in (Tapir, Welcome)
            for name, value in vars(case.__mro__[1]).items()
            if not name.startswith("_") and not callable(value) and not isinstance(value, classmethod) and not getattr(case, name)
        ],
    },
    sys.stdout,
)

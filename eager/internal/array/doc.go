// Package array is dense numbers: shapes and strides, and the loops over them. It knows no tape and no users: whoever calls it
// has checked the shapes, and a wrong one is an internal error.
package array

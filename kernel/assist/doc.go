// Package assist helps with writing cells: what can be completed at a cursor, and what the name under a cursor is.
package assist

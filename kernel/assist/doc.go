// Package assist helps with writing cells: it completes and describes what the cursor is at.
package assist

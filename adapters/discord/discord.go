// Package discord posts cards to Discord and takes commands from it.
package discord

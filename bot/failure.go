package bot

import (
	"errors"
	"net"

	"newsdesk/news"
)

// A bug is an error that is the bot's own. All others that are no person's
// mistake are the store's: what a handler asks is answered from memory, or by
// the store.
type bug struct{ error }

func (e *bug) Unwrap() error { return e.error }

// An unsure is an error after which something may have been changed.
type unsure struct{ error }

func (e *unsure) Unwrap() error { return e.error }

// writing marks the error of a write: its answer may have been lost alone.
// Where the store could not even be dialled nothing was asked of it, and where
// it can save nothing it changed nothing.
func writing(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); err == nil || ok && op.Op == "dial" || errors.Is(err, news.ErrReadOnly) {
		return err
	}
	return &unsure{err}
}

// failed is the answer where err kept the bot from one; ref stands in the log
// beside it.
func failed(l Lang, ref string, err error) Card {
	if _, own := errors.AsType[*bug](err); own {
		return FailureCard(l, ref)
	}
	done := l.T("Nothing was changed. Please try again in a moment.")
	if _, doubt := errors.AsType[*unsure](err); doubt {
		done = l.T("Whether what you asked was done cannot be told. Please ask again in a moment: it does no harm.")
	}
	if errors.Is(err, news.ErrReadOnly) {
		return failure(l, l.T("That cannot be saved just now"), l.T("The database of this bot can save nothing just now, as where its disk is full.")+" "+done, ref)
	}
	return failure(l, l.T("The news cannot be reached just now"), l.T("The database of this bot does not answer.")+" "+done, ref)
}

// FailureCard says that the bot failed; ref stands in the log beside the error.
func FailureCard(l Lang, ref string) Card {
	return failure(l, l.T("Something went wrong here"), l.T("It is not your fault, and trying again in a moment may help."), ref)
}

func failure(l Lang, title, text, ref string) Card {
	return Card{
		Title: title, Text: text + " " + l.T("If it stays, tell who runs this bot the reference %s: it stands in the log beside the error.", ref),
		Footer: l.T("Reference %s", ref), Tone: Failure,
		Buttons: []Button{{Label: l.T("Status"), Line: cmdStatus}},
	}
}

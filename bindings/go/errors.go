package bytestore

// What can go wrong, for errors.Is and errors.As. Knows nothing of what a store does.

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
)

// Code is the kind of a failure. Every error that a store returns wraps one,
// so errors.Is(err, [ErrClosed]) tells what happened.
type Code int32

const (
	// ErrInvalidArgument: a URL with an unknown scheme or option, a key or value longer than 2³²-1 bytes,
	// a time to live or a limit that is not above zero, a clock that cannot be turned, a path with a zero
	// byte, an unknown level of compression, or a computation that gives the wrong number of values or
	// waits for itself.
	ErrInvalidArgument Code = statusInvalidArgument
	// ErrClosed: the store was closed, or was not made by [New], [NewWithOptions], [Open] or [Store.Namespace].
	ErrClosed Code = statusClosedHandle
	// ErrOutOfMemory: memory ran out.
	ErrOutOfMemory Code = statusOutOfMemory
	// ErrOverLimit: a batch, or a pair of it, is more than the store may hold (see [Options]).
	ErrOverLimit Code = statusOverLimit
	// ErrRemote: a server failed or could not be reached. The error says in the server's words why.
	ErrRemote Code = statusRemoteFailure
	// ErrInternal: a defect of the library, contained.
	ErrInternal Code = statusInternal
	// ErrIO: the system refused to read or write a file. The error wraps the system's reason, too.
	ErrIO Code = statusIOFailure
	// ErrBadSnapshot: a snapshot is damaged or not whole, or is none.
	ErrBadSnapshot Code = statusBadSnapshot
	// ErrUnsupported: what a store on a server does not do (see [Capabilities]), a snapshot of a later
	// version, or compression or a server, of a library that was built without it.
	ErrUnsupported Code = statusUnsupported
)

// Error says what happened and what to do about it.
func (c Code) Error() string { return statusMessage(c) }

// Name is the short name of the code, the same in every language: "closed_handle".
func (c Code) Name() string { return statusName(c) }

// ErrPanicked is what [Store.MGetOrCompute] returns when another goroutine's
// computation of a key, which it waited for, panicked or ended its goroutine.
var ErrPanicked = errors.New("bytestore: mget or compute: the computation that was waited for did not return")

// Error is the type of every error that a store returns, except for the errors of
// computations, of contexts, of readers and writers, and [ErrPanicked]. Whatever the
// failed operation was, it has changed nothing, unless it is [ErrRemote]: then what was
// to be written may have been, or some of it.
type Error struct {
	Op     string // the operation: "open", "mset", "mget", …
	Code   Code   // what happened; errors.Is looks at it
	Detail string // what was at fault, if that is known: `URL part "size=3"`, "key 7", `file "/tmp/x"`
	Err    error  // of ErrIO the system's reason, a [syscall.Errno]; of ErrRemote the server's, if it is known; or nil
}

// Error says which operation failed, at what, and why.
func (e *Error) Error() string {
	text := "bytestore: " + e.Op + ": "
	if e.Detail != "" {
		text += e.Detail + ": "
	}
	if e.Err != nil {
		text += e.Err.Error() + ": "
	}
	return text + e.Code.Error()
}

// Unwrap makes errors.Is(err, [ErrClosed]) and its like work, and of an [ErrIO] also
// errors.Is(err, fs.ErrNotExist) and its like.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.Err}
}

// failure is the error of an operation, nil after a success.
func failure(op string, code Code) error {
	if code == statusOK {
		return nil
	}
	return &Error{Op: op, Code: code}
}

// failure is the error of an operation of this store, nil after a success. The store is not garbage before.
func (s *Store) failure(op string, code Code) error {
	if code == ErrRemote {
		return s.remoteFailure(op)
	}
	runtime.KeepAlive(s)
	return failure(op, code)
}

// remoteFailure asks why. Another goroutine's call that failed since is as good an answer.
func (s *Store) remoteFailure(op string) error {
	err := &Error{Op: op, Code: ErrRemote}
	if reason := remoteMessage(s.handle); reason != "" {
		err.Err = errors.New(reason)
	}
	runtime.KeepAlive(s)
	return err
}

// tooLong is the error for an item that is too long to cross.
func tooLong(op, item string) error {
	return &Error{Op: op, Code: ErrInvalidArgument, Detail: item}
}

// fileFailure is the error of an operation on a file, nil after a success.
func fileFailure(op, path string, code Code, reason syscall.Errno) error {
	if code == statusOK {
		return nil
	}
	err := &Error{Op: op, Code: code, Detail: fmt.Sprintf("file %q", path)}
	if code == ErrIO {
		err.Err = reason
	}
	return err
}

package news

import (
	"context"
	"fmt"
	"time"
)

// leaseTTL is how long a replica leads without renewing: the time for which
// nobody polls after a leader died.
const leaseTTL = 15 * time.Second

// A lease is this replica's hold on DeskLease.
type lease struct {
	fence   uint64
	renewed time.Time
}

// lead takes or renews the desk lease and reports whether this replica leads.
// It drops the live stories where another replica may have changed them
// since. The caller holds d.ingesting.
func (d *Desk) lead(ctx context.Context) (bool, error) {
	now := d.o.Now()
	if age := now.Sub(d.lease.renewed); d.lease.fence != 0 && age >= 0 && age < leaseTTL/3 {
		return true, nil
	}
	fence, held, err := d.o.Store.Lease(ctx, DeskLease, d.o.Owner, leaseTTL)
	if err != nil {
		return false, fmt.Errorf("take the desk lease: %w", err)
	}
	if !held {
		d.unlead()
		return false, nil
	}
	// A fence one higher is our own lease that ran out and that nobody took
	// in between.
	if fence != d.lease.fence && fence != d.lease.fence+1 {
		d.live = nil
	}
	d.lease = lease{fence: fence, renewed: now}
	return true, nil
}

// unlead forgets what only a leader may rely on.
func (d *Desk) unlead() {
	d.lease, d.live = lease{}, nil
}

package brief

// A Reading is what Judge takes from one article, whatever story it is in.
type Reading struct{ verdict verdict }

// Read reads d for Judge, which else does it each time. It may run beside
// everything else. d must not change afterwards but in Copy, Current and Text.
func Read(d Doc) *Reading {
	r := &Reading{judge(d)}
	r.verdict.doc = Doc{}
	return r
}

func (d Doc) verdict() verdict {
	if d.Reading == nil {
		return judge(d)
	}
	v := d.Reading.verdict
	v.doc = d
	return v
}

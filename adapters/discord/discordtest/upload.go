package discordtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
)

// An Attachment is a file that a message shows.
type Attachment struct {
	ID          json.RawMessage `json:"id"` // a number, or a string of one
	Filename    string          `json:"filename"`
	Description string          `json:"description"`
	Content     []byte          `json:"discordtest_content"` // what the form brought
}

// fileMax is the largest file that every server takes:
// discord.com/developers/docs/reference#uploading-files.
const fileMax = 10 << 20

// readForm reads a form of payload_json and files[n], and puts each file into
// the attachment with its number.
func readForm(r *http.Request, body []byte) ([]byte, *refusal) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, refuse(50109)
	}
	var payload map[string]any
	files, names := map[string][]byte{}, map[string]string{}
	for form := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, refuse(50109)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, refuse(50109)
		}
		var n int
		switch _, err := fmt.Sscanf(part.FormName(), "files[%d]", &n); {
		case part.FormName() == "payload_json":
			if json.Unmarshal(content, &payload) != nil {
				return nil, refuse(50109)
			}
		case err != nil || part.FileName() == "":
			return nil, malformed(part.FormName(), "UNKNOWN_FIELD", "this fake takes payload_json and files[n]")
		case len(content) > fileMax:
			return nil, refuse(40005)
		default:
			files[strconv.Itoa(n)], names[strconv.Itoa(n)] = content, part.FileName()
		}
	}
	message := payload
	for _, below := range []string{"data", "message"} { // of an answer, and of a post
		if data, ok := payload[below].(map[string]any); ok {
			message = data
		}
	}
	listed, _ := message["attachments"].([]any)
	for _, v := range listed {
		a, _ := v.(map[string]any)
		id := fmt.Sprint(a["id"])
		content, ok := files[id]
		if !ok || a["filename"] != names[id] {
			return nil, malformed("attachments", "ATTACHMENT_NOT_FOUND", "no file "+id+" of that name")
		}
		if _, err := png.DecodeConfig(bytes.NewReader(content)); err != nil {
			return nil, malformed("attachments", "IMAGE_INVALID", "the file is no PNG: "+err.Error())
		}
		a["discordtest_content"] = content
		delete(files, id)
	}
	if len(files) > 0 {
		return nil, malformed("attachments", "ATTACHMENT_UNKNOWN", "a file that no attachment names")
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		return nil, refuse(50109)
	}
	return raw, nil
}

// attachments checks those of a message. An embed shows one by its name.
func (f *form) attachments(p payload) {
	if len(p.Attachments) > 10 {
		f.add("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
	}
	for i, a := range p.Attachments {
		at := "attachments." + strconv.Itoa(i)
		f.text(at+".filename", a.Filename, 1, 1024)
		f.text(at+".description", a.Description, 0, 1024)
		if len(a.Content) == 0 {
			f.add(at+".id", "ATTACHMENT_NOT_FOUND", "no file came with it")
		}
	}
}

// Picture returns the content and the description of the picture that the
// message's embed shows; nil where it shows none that was uploaded.
func (m Message) Picture() (content []byte, description string) {
	for _, e := range m.Embeds {
		for _, a := range m.Attachments {
			if e.Image != nil && e.Image.URL == "attachment://"+a.Filename {
				return a.Content, a.Description
			}
		}
	}
	return nil, ""
}

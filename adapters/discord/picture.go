package discord

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"

	"newsdesk/bot"
)

const (
	// pictureMax is what every server takes:
	// discord.com/developers/docs/reference#uploading-files.
	pictureMax = 10 << 20
	// github.com/discord/discord-api-spec: MessageAttachmentRequest.description
	altMax      = 1024
	pictureName = "picture.png"
)

// An Attachment names a file that goes with a message.
type Attachment struct {
	ID          string `json:"id"` // of the part files[ID]; a string as every id is, in Discord's own description
	Filename    string `json:"filename"`
	Description string `json:"description,omitempty"` // for those who do not see it
}

// attach adds a picture to a message, where it is one that Discord takes, and
// returns the address that an embed shows it by.
func (m *Message) attach(p *bot.Picture) (address string) {
	if !fits(p) {
		return ""
	}
	m.file = p.PNG
	m.Attachments = []Attachment{{ID: "0", Filename: pictureName, Description: plain(p.Alt, altMax)}}
	return "attachment://" + pictureName
}

// fits reports whether p is a PNG that Discord takes.
func fits(p *bot.Picture) bool {
	return p != nil && len(p.PNG) <= pictureMax && bytes.HasPrefix(p.PNG, []byte("\x89PNG\r\n\x1a\n"))
}

// A filed body goes with a file.
type filed interface{ attachment() []byte }

func (m Message) attachment() []byte { return m.file }
func (e edit) attachment() []byte    { return e.file }

func (c callback) attachment() []byte {
	if f, ok := c.Data.(filed); ok {
		return f.attachment()
	}
	return nil
}

// encode writes a request's body: as JSON, or as a form where a file goes with
// it, discord.com/developers/docs/reference#uploading-files.
func encode(body any) (raw []byte, contentType string, err error) {
	if body == nil {
		return nil, "application/json", nil
	}
	if raw, err = json.Marshal(body); err != nil {
		return nil, "", err
	}
	f, ok := body.(filed)
	if !ok || len(f.attachment()) == 0 {
		return raw, "application/json", nil
	}
	var out bytes.Buffer
	form := multipart.NewWriter(&out)
	for _, part := range []struct {
		name, file, kind string
		content          []byte
	}{{"payload_json", "", "application/json", raw}, {"files[0]", pictureName, "image/png", f.attachment()}} {
		disposition := fmt.Sprintf(`form-data; name=%q`, part.name)
		if part.file != "" {
			disposition += fmt.Sprintf(`; filename=%q`, part.file)
		}
		w, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {part.kind}})
		if err != nil {
			return nil, "", err
		}
		if _, err := w.Write(part.content); err != nil {
			return nil, "", err
		}
	}
	if err := form.Close(); err != nil {
		return nil, "", err
	}
	return out.Bytes(), form.FormDataContentType(), nil
}

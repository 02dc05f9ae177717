package slack

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

const (
	// pictureMax bounds a picture; Slack takes far larger files.
	pictureMax  = 10 << 20
	pictureName = "picture.png"
	// filesMax bounds the pictures whose file is remembered.
	filesMax = 100
)

// fileWaits are between attempts to show a file that was just uploaded: Slack
// goes on working on it, and calls a message with it invalid_blocks meanwhile,
// for about a second (github.com/slackapi/python-slack-sdk/issues/1521,
// slack-github-action/issues/413). files.info would tell, and wants one more scope.
var fileWaits = []time.Duration{time.Second, 2 * time.Second}

// fits reports whether p is a PNG to be uploaded.
func fits(p *bot.Picture) bool {
	return p != nil && len(p.PNG) <= pictureMax && bytes.HasPrefix(p.PNG, []byte("\x89PNG\r\n\x1a\n"))
}

// file uploads a picture and returns the id of its file: "" where there is
// none or that fails, as a message without its picture is better than none.
func (p *workspace) file(ctx context.Context, picture *bot.Picture) string {
	if !fits(picture) {
		return ""
	}
	sum := sha256.Sum256(picture.PNG)
	p.mu.Lock()
	id := p.files[sum]
	p.mu.Unlock()
	if id != "" {
		return id
	}
	id, err := p.upload(ctx, picture)
	if err != nil {
		p.Logger.Warn("a picture was not uploaded to slack; the message goes without it", "err", err)
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.files == nil || len(p.files) >= filesMax {
		p.files = map[[sha256.Size]byte]string{}
	}
	p.files[sum] = id
	return id
}

// upload follows docs.slack.dev/messaging/working-with-files#upload. The file
// is shared with no channel: it is seen where a message shows it.
func (p *workspace) upload(ctx context.Context, picture *bot.Picture) (id string, err error) {
	var to *slack.GetUploadURLExternalResponse
	err = p.client.call(ctx, methodUploadURL, func(ctx context.Context) (err error) {
		to, err = p.client.api.GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{
			FileName: pictureName, FileSize: len(picture.PNG), AltTxt: altText(picture),
		})
		return err
	})
	if err == nil && (to == nil || to.FileID == "" || to.UploadURL == "") {
		err = errors.New("slack: the answer names no place to upload to")
	}
	if err != nil {
		return "", err
	}
	err = p.client.call(ctx, methodUpload, func(ctx context.Context) error {
		// The address is a secret of its own: the token does not go there.
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.UploadURL, bytes.NewReader(picture.PNG))
		if err != nil {
			return errors.New("the place to upload to is no address")
		}
		req.Header.Set("Content-Type", "application/octet-stream")
		resp, err := p.client.http.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
	if err != nil {
		return "", err
	}
	return to.FileID, p.client.call(ctx, methodUploaded, func(ctx context.Context) error {
		_, err := p.client.api.CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{Files: []slack.FileSummary{{ID: to.FileID, Title: pictureName}}})
		return err
	})
}

func altText(p *bot.Picture) string { return cmp.Or(text(p.Alt, plainText, altMax), "picture") }

// pictureBlock shows a card's picture, or says what it shows where there is no
// file of it.
func pictureBlock(p *bot.Picture, file string) slack.Block {
	switch {
	case p == nil:
		return nil
	case file != "":
		return slack.NewImageBlockSlackFile(&slack.SlackFileObject{ID: file}, altText(p), "", nil)
	}
	return footerBlock(p.Alt)
}

// fileRefused reports whether Slack cannot show a message's file, or not yet.
func fileRefused(err error) (refused, yet bool) {
	var a *answerError
	if !errors.As(err, &a) || !strings.HasPrefix(a.code, "invalid_blocks") {
		return false, false
	}
	return true, a.detail == "" || strings.Contains(strings.ReplaceAll(a.detail, "_", " "), "slack file")
}

// shown calls send with the file, again while Slack works on it, and without
// it in the end.
func (p *workspace) shown(ctx context.Context, file string, send func(file string) error) error {
	for tries := 0; ; tries++ {
		err := send(file)
		refused, yet := fileRefused(err)
		switch {
		case file == "" || !refused:
			return err
		case !yet || tries == len(fileWaits):
			p.Logger.Warn("slack does not show the picture; the message is sent without it", "err", err)
			file = ""
		default:
			if sleep(ctx, fileWaits[tries]) != nil {
				return fmt.Errorf("stopped while slack works on the picture: %w", err)
			}
		}
	}
}

package news_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"newsdesk/news"
)

func TestRelated(t *testing.T) {
	stories := []news.Story{
		told("r2", "DeepSeek R2 leaks: trained on Huawei Ascend chips", 80, 1, "deepseek", "huawei"),
		told("asc", "Huawei ships Ascend 910C chips to data centres", 60, 30, "huawei"),
		told("v3", "DeepSeek V3 update beats rivals at mathematics", 58, 24*30, "deepseek"),
		told("eu", "Parliament votes on AI rules", 60, 3, "eu-ai-act"),
		told("fun", "A chatbot writes a cookbook", 5, 2),
	}
	for i := range 200 {
		stories = append(stories, told(fmt.Sprintf("n%d", i), fmt.Sprintf("Company %d raises money for model %d", i, 3*i), 20, float64(i)))
	}
	x := indexOf(stories...)
	if got := strings.Join(x.Related(stories[0], 3, day), " "); got != "asc v3" {
		t.Errorf("related to r2: %q, want asc v3", got)
	}
	if got := x.Related(stories[0], 1, day); len(got) != 1 || got[0] != "asc" {
		t.Errorf("the closest to r2: %v", got)
	}
	if got := x.Related(stories[4], 3, day); len(got) != 0 {
		t.Errorf("related to a story of its own: %v", got)
	}
	if got := x.Related(stories[0], 0, day); len(got) != 0 {
		t.Errorf("none were asked for: %v", got)
	}
	unknown := told("new", "Ascend chips for DeepSeek", 50, 0, "deepseek", "huawei")
	if got := strings.Join(x.Related(unknown, 1, day), " "); got != "r2" {
		t.Errorf("related to a story outside of the index: %q, want r2", got)
	}
	// Words that only the story itself has take no room, however many.
	wordy := told("w", "Zuvex qorlim brastil fendop krivas molten tarvik wesper yondal quist drabbe snorl plimket: Huawei ships Ascend chips to centres", 50, 0)
	x.Put(wordy)
	if got := x.Related(wordy, 1, day); len(got) != 1 || got[0] != "asc" {
		t.Errorf("related to a story of many words of its own: %v, want asc", got)
	}
	x.Remove(wordy.ID)
	for range 5 {
		y := indexOf(stories...)
		if a, b := x.Related(stories[2], 3, day), y.Related(stories[2], 3, day); !slices.Equal(a, b) {
			t.Errorf("related differs from one index to the next: %v, %v", a, b)
		}
	}
}

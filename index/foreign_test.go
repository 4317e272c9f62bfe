package index

import (
	"slices"
	"testing"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
)

func TestForeign(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	for text, want := range map[string]bool{
		"How long does a travel request take?": false,
		"travel request days":                  false,
		"kubeadm 1.6.0 ErrImagePull":           false,
		"":                                     false,
		"the café in Zürich":                   false,
		"Wie lange gilt die Anmeldung mit zweitem Faktor, bevor ich den Code neu eingeben muss?": true,
		"¿Puedo dejar que un asistente tome notas en nuestras videollamadas?":                    true,
		"Notre ancien serveur Discord existe-t-il encore, et qui le gère pour nous ?":            true,
		"1台のノードで動かせるPodの数は、初期設定ではいくつまでですか。":                                                      true,
		"Сколько дней рассматривается заявка?":                                                   true,
	} {
		if got, err := x.Foreign(t.Context(), text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// Who asks in another language than the pages are in is told theirs, and only then.
func TestLanguagesToAskIn(t *testing.T) {
	t.Parallel()
	english := entry("a", "Travel", "You have to ask for a trip before it is booked, and the answer takes three days.", "What is not used is given back at the end of the year.")
	german := entry("b", "Reisen", "Die Reise muss vor der Buchung beantragt werden, und die Antwort dauert in der Regel drei Tage.")
	japanese := entry("c", "旅費", "出張は予約の前に申請してください。回答には三日かかります。")
	const (
		inEnglish  = "How long does it take until my travel request is answered?"
		inGerman   = "Wie lange dauert es, bis ich eine Antwort auf meinen Antrag bekomme?"
		inFrench   = "Combien de temps faut-il pour que ma demande de voyage soit acceptée par les chefs ?"
		inSpanish  = "¿Cuánto tiempo tardan en contestar a mi solicitud de viaje y quién lo hace?"
		inJapanese = "出張の申請には何日かかりますか"
	)
	for name, c := range map[string]struct {
		pages []Entry
		asked []string // the question, and its rephrasings
		want  []string
	}{
		"English of English":          {[]Entry{english}, []string{inEnglish}, nil},
		"German of English":           {[]Entry{english}, []string{inGerman}, []string{"English"}},
		"French of English":           {[]Entry{english}, []string{inFrench}, []string{"English"}},
		"Spanish of English":          {[]Entry{english}, []string{inSpanish}, []string{"English"}},
		"Japanese of English":         {[]Entry{english}, []string{inJapanese}, []string{"English"}},
		"English of German":           {[]Entry{german}, []string{inEnglish}, []string{"German"}},
		"German of German":            {[]Entry{german}, []string{inGerman}, nil},
		"French of both":              {[]Entry{english, german}, []string{inFrench}, []string{"English", "German"}},
		"German of both":              {[]Entry{english, german}, []string{inGerman}, nil},
		"Japanese of Japanese":        {[]Entry{japanese}, []string{inJapanese}, nil},
		"German of nothing":           {nil, []string{inGerman}, nil},
		"too few words":               {[]Entry{english}, []string{"Reiseantrag Dauer"}, nil},
		"rephrased in the pages' own": {[]Entry{english}, []string{inGerman, inEnglish}, nil},
		"rephrased in a few words":    {[]Entry{english}, []string{inGerman, "travel request days"}, nil},
		"rephrased in the same":       {[]Entry{english}, []string{inGerman, "Wer ist es, der über die Reise und das Hotel entscheidet?"}, []string{"English"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newIndex(t)
			apply(t, x, Change{Put: c.pages})
			if got, err := x.Languages(t.Context(), c.asked[0], c.asked[1:]); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// Pages whose language has no name leave all unnamed, or there are too few of them.
func TestLanguagesWithoutAName(t *testing.T) {
	t.Parallel()
	for _, others := range []int{1, 2, 3, 10} {
		r := roster{textual: 10}
		r.spoken[terms.German], r.spoken[terms.OtherScript] = 10, others
		most, _ := r.mainly()
		for _, l := range most {
			if l.String() == "" {
				t.Errorf("with %d such pages of 10, %v are named", others, most)
			}
		}
		if others == 1 && len(most) != 1 {
			t.Errorf("%v are named of German pages", most)
		}
	}
}

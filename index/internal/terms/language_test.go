package terms

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLanguageOfTexts(t *testing.T) {
	t.Parallel()
	a := New()
	for _, c := range []struct {
		text string
		want Language
		sure bool
	}{
		{"", English, false},
		{"Refund policy", English, false},
		{"The refund is paid within ten days of the purchase.", English, true},
		{"We met in Den Haag; the man in the EU office will also die for his car, and so am I.", English, true},
		{"Pieter de Boer, EU, SEV1, kubectl -n jobs logs -l app=job --since=15m la", English, false},
		{"Die Erstattung wird innerhalb von zehn Tagen bezahlt, und der Kunde bekommt eine Nachricht.", German, true},
		{"Erstattung des Kunden und der Firma", German, true},
		{"Les clients sont remboursés dans les dix jours si le produit n'a pas été utilisé.", French, true},
		{"Las facturas se envían el primer día de cada mes, y los clientes tienen treinta días.", Spanish, true},
		{"As senhas não devem ser partilhadas com ninguém, e os computadores são da empresa.", Portuguese, true},
		{"Le chiavi sono custodite dalla portineria, e gli uffici si trovano nel palazzo della banca.", Italian, true},
		{"De sleutels liggen bij de receptie van het gebouw en worden niet meegenomen.", Dutch, true},
		{"Kvitton ska lämnas in före den femte och pengarna betalas ut till dig som har varit på resa.", Swedish, true},
		{"Jeg har ikke fået nøglerne, og de blev heller ikke givet til os af jer, efter at vi blev spurgt.", Danish, true},
		{"Avaimet ovat siellä, missä ne olivat, mutta ne eivät ole minun eikä hän ole niitä nähnyt.", Finnish, true},
		{"A kulcsok az irodában vannak, és csak az kapja meg őket, aki már itt volt, ha nincs más.", Hungarian, true},
		{"Anahtarlar için bana sor, çünkü bu oda çok küçük ve daha önce hiç kimse burada değil.", Turkish, true},
		{"Cheile sunt la recepție și nu pot fi luate de cei care nu au fost aici, dar este bine așa.", Romanian, true},
		{"Заказы отправляются со склада.", English, false}, // the script tells enough
	} {
		h := a.Hits(c.text)
		if l, sure := h.Language(); l != c.want || sure != c.sure {
			t.Errorf("%q is in language %d, sure %v; want %d, %v", c.text, l, sure, c.want, c.sure)
		}
	}
}

func TestWordsInLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		l          Language
		text, want string
	}{
		{German, "Die Rückerstattungen für Größen", "die ruckerstattungen=ruckerstatt fur grossen=gross"},
		{French, "l'ingénieur remboursée remboursés", "l'ingenieur=ingenieur remboursee=rembours rembourses=rembours"},
		{Spanish, "facturación facturacion las facturas", "facturacion=factur facturacion=factur las facturas=factur"},
		{Portuguese, "solicitações solicitacao", "solicitacoes=solicit solicitacao=solicit"},
		{Turkish, "Ankara'da", "ankara'da=ankar"},
		{English, "заказы и отчёт, отчеты", "заказы=заказ и отчёт=отчет отчеты=отчет"},
		{German, "заказы parseHTTPRequests", "заказы=заказ parsehttprequests=parsehttprequest|pars|http|request"},
		{English, "зміни їхні", "зміни=зміни їхні=їхні"},
		{English, "الكتاب", "الكتاب=كتاب"},
		{English, "返金は東京都", "返金=返金|返|金 は 東京=東京|東|京 京都=京都|京|都"},
		{English, "フォルダ犬", "フォ=フォ ォル=ォル ルダ=ルダ 犬=犬"},
		{English, "환불을API", "환불=환불|환|불 불을=불을|불|을 api=api"},
		{English, "人人", "人人=人人|人"},
		{English, "ไทย", "ไท=ไท ทย=ทย"},
	} {
		var out []string
		New().WordsIn(c.l, c.text, func(w *Word) {
			s := w.Exact
			if !w.Stop() {
				s += "=" + strings.Join(w.Stems, "|")
			}
			out = append(out, s)
		})
		if diff := cmp.Diff(c.want, strings.Join(out, " ")); diff != "" {
			t.Errorf("words of %q (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestAsked(t *testing.T) {
	t.Parallel()
	var german, both Languages
	german.Add(German)
	both.Add(German)
	both.Add(Spanish)
	german.Add(English) // goes without saying
	for _, c := range []struct {
		in         Languages
		text, want string
	}{
		{0, "wie die Erstattungen", "wie die erstattungen"},
		{german, "wie der Erstattungen", "erstattungen|erstatt"},
		{both, "cuentas nuevas", "cuenta|cuentas|cuent nueva|nuevas|nuev"},
		{both, "the policies of war", "polici war"},
		{both, "war room", "war room"},
		{both, "東京 は", "東京"},
	} {
		var out []string
		New().Asked(c.text, c.in, func(w *Word, others []string) {
			if !w.Stop() {
				out = append(out, strings.Join(append(w.Stems[:1:1], others...), "|"))
			}
		})
		if got := strings.Join(out, " "); got != c.want {
			t.Errorf("%q in %b asks for %q, want %q", c.text, c.in, got, c.want)
		}
	}
}

// TestFilterInLanguages makes sure that stems begin as their words do in all
// languages, and that a word is found by its stem in any of them.
func TestFilterInLanguages(t *testing.T) {
	t.Parallel()
	endings := strings.Fields("s es en er ern ungen heit ions ation amente mente issimo ka lar lari ssa lla nak ban ului ilor heter elser ande it ez ons ee y j t")
	word := []byte("...")
	a := New()
	for l := English + 1; l < detectable; l++ {
		for n := int(l) % 7; n < 26*26*26; n += 7 {
			word[0], word[1], word[2] = 'a'+byte(n/676), 'a'+byte(n/26%26), 'a'+byte(n%26)
			written := string(word) + endings[n%len(endings)]
			forms := a.forms(written, l)
			if forms.Stop() {
				continue
			}
			var f Filter
			var in Languages
			in.Add(l)
			f.In(in)
			f.Add(forms.Stems[0])
			if !f.may(written) {
				t.Fatalf("a filter for %q stops %q in language %d", forms.Stems[0], written, l)
			}
			found := false
			a.Some(written, &f, func(w *Word) { found = found || !w.Stop() && w.Stems[0] == forms.Stems[0] })
			if !found {
				t.Fatalf("%q is not found by %q in language %d", written, forms.Stems[0], l)
			}
		}
	}
}

func TestFilterKeepsAFormOnce(t *testing.T) {
	t.Parallel()
	var f Filter
	f.In(1 << German)
	f.Add("im")
	kept := len(f.forms)
	if f.Add("im"); len(f.forms) != kept {
		t.Errorf("%d forms, and %d when it is added again", kept, len(f.forms))
	}
}

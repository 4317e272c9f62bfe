package index

import "testing"

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

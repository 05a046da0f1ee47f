#!/bin/sh
# Rechnet die Kette des Journals und alle Prüfsummen dieser Akte nach. Aufruf im Ordner der Akte: sh beweis.sh
fehler=0
melde() { echo "$1"; fehler=1; }
hash() { sha256sum | cut -d ' ' -f 1; }

# 1. Keine Datei der Akte ist verändert.
sha256sum --check --quiet pruefsummen.txt || melde "Eine Datei ist verändert oder fehlt."

# 2. Jede Kette ist SHA-256 über die Kette davor und den Prüfwert des Eintrags, beide als Text hintereinander.
vorher=
zaehler=0
while read -r nr zeit art pruefwert kette; do
    zaehler=$((zaehler + 1))
    [ "$nr" = "$zaehler" ] || melde "Vor dem Eintrag $nr fehlt etwas."
    [ "$(printf '%s%s' "$vorher" "$pruefwert" | hash)" = "$kette" ] || melde "Der Eintrag $nr passt nicht in die Kette."
    vorher=$kette
    # 3. Der Inhalt eines Eintrags, soweit er zur Akte gehört, hat genau diesen Prüfwert.
    if [ -f "eintraege/$nr.json" ]; then
        [ "$(hash < "eintraege/$nr.json")" = "$pruefwert" ] || melde "Der Inhalt des Eintrags $nr ist verändert."
    fi
done < journal.txt

# 4. Jede Arbeitsmappe ist die, die ein Eintrag nennt.
for mappe in */*.xlsx; do
    [ -f "$mappe" ] || continue
    grep -q "\"mappe_sha256\":\"$(hash < "$mappe")\"" eintraege/*.json || melde "Zu $mappe gibt es keinen Eintrag."
done

[ "$fehler" = 0 ] && echo "Alles stimmt. $zaehler Einträge, letzter Kettenwert: $vorher"
exit "$fehler"

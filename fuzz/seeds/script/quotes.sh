A='x'"y$B"\
 z=`w` export C=$(cat <<'E'
$x
E
); eval "$A" | { uwsgi --ini a; } &
case $x in a|b) daphne asgi:app;; *) ;; esac

# Debian's sqlite3: one huge switch over opcodes, in the library it needs.
. "$TOP/tests/lib.sh"
need sqlite3
program=$(realpath "$(command -v sqlite3)")
instrument "$program" "$ends
pid\$target:libsqlite3.so.0::entry { @library = count(); }" || {
    fail instrument "$(head -c 500 sqlite3.said)"
    exit 0
}
tail -n 1 sqlite3.said
ok instrument
cat >input <<'END'
create table t(a integer primary key, b text, c real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
insert into t select i, 'row ' || (i * 7919 % 1000), i / 3.0 from n;
create index tb on t(b);
select count(*), sum(a), avg(c) from t where b like 'row 1%';
select b, count(*) from t group by b having count(*) > 2 limit 5;
select a.a, b.b from t a join t b on a.a = b.a * 2 order by a.a desc limit 5;
update t set c = c * 2 where a % 3 = 0; delete from t where a > 1500;
select group_concat(a, ',') from (select a from t order by b, a limit 20);
.mode json
select * from t limit 3;
explain query plan select * from t where b = 'row 5';
select wrong from t;
pragma integrity_check;
END
same session "$program" :memory:
is library True "$(extract sqlite3 >counts.json
    value counts.json 'j["@library"] > 1000')"
same usage "$program" -no-such-option
counted 100

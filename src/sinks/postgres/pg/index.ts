// The one way to pg's client. The order of these three matters: modules are evaluated as they are imported.
import './navigator-set.ts';
import pg from 'pg';
import './navigator-unset.ts';

export default pg;
